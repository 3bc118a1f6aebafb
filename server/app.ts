import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import { addRoutes, type RouterOptions, refuse } from './http/add-routes.ts';
import { docsPage } from './http/docs-page.ts';
import { type Env, logRequests } from './http/log-requests.ts';
import { openApi } from './http/openapi.ts';

const exposeHeaders = ['retry-after', 'x-request-id'];

interface AppOptions extends RouterOptions {
  readonly allowedOrigins: readonly string[];
  /** A path below which the API is served too; '' for none. */
  readonly basePath: string;
  /** The address at which clients reach the server, if it is configured. */
  readonly publicUrl: string | undefined;
}

/** The server's one Hono app: the API, its description, and who may call it from another origin. */
export function createApp(options: AppOptions): Hono<Env> {
  const { allowedOrigins, basePath, deps, log, watch } = options;
  // A proxy may remove the base path or keep it: both are the same call.
  const app = new Hono<Env>({ getPath: (request) => withoutBase(getPath(request), basePath) });
  const description = openApi(deps.version, options.publicUrl ?? '/');
  app.onError((error, c) => refuse(c, error, options));
  app.use(logRequests(log, watch));
  if (allowedOrigins.length > 0) app.use(cors({ origin: [...allowedOrigins], exposeHeaders }));
  // A browser gets the page about the API; other callers get the health.
  app.get('/', async (c, next) => {
    c.header('vary', 'accept');
    return c.req.header('accept')?.includes('text/html') ? c.redirect(`${basePath}/docs`) : next();
  });
  app.get('/openapi.json', (c) => c.json(description));
  app.get('/docs', (c) => c.html(docsPage(deps.version)));
  addRoutes(app, options);
  return app;
}

const withoutBase = (path: string, base: string): string =>
  base !== '' && (path === base || path.startsWith(`${base}/`)) ? path.slice(base.length) || '/' : path;
