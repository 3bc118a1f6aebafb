import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { addRoutes, type RouterOptions, refuse } from './http/add-routes.ts';
import { docsPage } from './http/docs-page.ts';
import { type Env, logRequests } from './http/log-requests.ts';
import { openApi } from './http/openapi.ts';

const exposeHeaders = ['retry-after', 'x-request-id'];

/** The server's one Hono app: the API, its description, and who may call it from another origin. */
export function createApp(options: RouterOptions & { allowedOrigins: readonly string[] }): Hono<Env> {
  const { allowedOrigins, deps, log } = options;
  const app = new Hono<Env>();
  const description = openApi(deps.version);
  app.onError((error, c) => refuse(c, error, log));
  app.use(logRequests(log));
  if (allowedOrigins.length > 0) app.use(cors({ origin: [...allowedOrigins], exposeHeaders }));
  // A browser gets something to read; what asks for anything else goes on to the health.
  app.get('/', async (c, next) => {
    c.header('vary', 'accept');
    return c.req.header('accept')?.includes('text/html') ? c.redirect('/docs') : next();
  });
  app.get('/openapi.json', (c) => c.json(description));
  app.get('/docs', (c) => c.html(docsPage(deps.version)));
  addRoutes(app, options);
  return app;
}
