import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { addRoutes, type RouterOptions } from './http/add-routes.ts';
import { docsPage } from './http/docs-page.ts';
import type { Env } from './http/log-requests.ts';
import { openApi } from './http/openapi.ts';

/** The server's one Hono app: the API, its description, and who may call it from another origin. */
export function createApp(options: RouterOptions & { allowedOrigins: readonly string[] }): Hono<Env> {
  const app = new Hono<Env>();
  const { version } = options.deps;
  const description = openApi(version);
  if (options.allowedOrigins.length > 0) app.use(cors({ origin: [...options.allowedOrigins] }));
  addRoutes(app, options);
  app.get('/openapi.json', (c) => c.json(description));
  app.get('/docs', (c) => c.html(docsPage(version)));
  // A person gets something to read, a probe the health.
  app.get('/', (c) => c.redirect(c.req.header('accept')?.includes('text/html') ? '/docs' : '/health'));
  return app;
}
