import { createMiddleware } from 'hono/factory';
import type { Env } from './log-requests.ts';

/** What a browser may do with an answer, wherever somebody opens it: nothing. Pages and files say more for themselves. */
const policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const year = 31_536_000;

/** `isSecure`: browsers reach the server by https, and are to stay there. */
export const secureAnswers = (isSecure: boolean) =>
  createMiddleware<Env>((c, next) => {
    c.header('content-security-policy', policy);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    // Answers contain the data of one org, some of them a token.
    c.header('cache-control', 'no-store');
    if (isSecure) c.header('strict-transport-security', `max-age=${year}`);
    return next();
  });
