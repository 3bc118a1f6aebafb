import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { getPath } from 'hono/utils/url';
import { versionHeader } from '../protocol/version-header.ts';
import { type Env, logRequests } from './calls/log-requests.ts';
import { secureAnswers } from './calls/secure-answers.ts';
import { addRoutes, type RouterOptions, refuse } from './http/add-routes.ts';
import { docsPage, docsPolicy } from './http/docs-page.ts';
import { openApi } from './http/openapi.ts';
import { createWeb } from './web/web-app.ts';
import type { WebOptions } from './web/web-env.ts';

const exposeHeaders = ['retry-after', 'x-request-id'];

interface AppOptions extends RouterOptions {
  readonly web: Pick<WebOptions, 'sessions' | 'assets'>;
  readonly allowedOrigins: readonly string[];
  /** A path below which the API is served too; '' for none. */
  readonly basePath: string;
  /** The address at which clients reach the server, if it is configured. */
  readonly publicUrl: string | undefined;
}

/** The server's one Hono app: the dashboard, the API, its description, and who may call it from another origin. */
export function createApp(options: AppOptions): Hono<Env> {
  const { allowedOrigins, basePath, deps, log, watch } = options;
  // A proxy may remove the base path or keep it: both are the same call.
  const app = new Hono<Env>({ getPath: (request) => withoutBase(getPath(request), basePath) });
  // Written once: whoever asks for it needs no token.
  const description = JSON.stringify(openApi(deps.version, options.publicUrl ?? '/'));
  const docs = docsPage(deps.version);
  app.onError((error, c) => refuse(c, error, options));
  app.use(logRequests(log, watch, options.gate));
  app.use(tellVersion(deps.version));
  app.use(secureAnswers(options.publicUrl?.startsWith('https:') ?? false));
  if (allowedOrigins.length > 0) app.use(cors({ origin: [...allowedOrigins], exposeHeaders }));
  // A browser gets the dashboard, which is behind its sign-in; other callers get the health.
  app.get('/', async (c, next) => {
    c.header('vary', 'accept');
    return c.req.header('accept')?.includes('text/html') ? c.redirect(`${basePath}/ui/sign-in`, 303) : next();
  });
  app.get('/openapi.json', (c) => c.body(description, 200, { 'content-type': 'application/json' }));
  app.get('/docs', (c) => c.html(docs, 200, { 'content-security-policy': docsPolicy }));
  app.route('/ui', createWeb({ ...options, ...options.web }));
  addRoutes(app, options);
  return app;
}

/** So that a client of another version knows without a call of its own. */
const tellVersion = (version: string) =>
  createMiddleware<Env>((c, next) => {
    c.header(versionHeader, version);
    return next();
  });

const withoutBase = (path: string, base: string): string =>
  base !== '' && (path === base || path.startsWith(`${base}/`)) ? path.slice(base.length) || '/' : path;
