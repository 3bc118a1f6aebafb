import { createMiddleware } from 'hono/factory';
import type { Env } from '../../calls/log-requests.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a browser may do with a page: nothing but load the dashboard's own files. */
export const securePages = createMiddleware<Env>(async (c, next) => {
  c.header('content-security-policy', policy);
  c.header('x-content-type-options', 'nosniff');
  // Not `no-referrer`: with that a browser hides from us where a form comes from.
  c.header('referrer-policy', 'same-origin');
  c.header('cross-origin-opener-policy', 'same-origin');
  c.header('cross-origin-resource-policy', 'same-origin');
  await next();
});
