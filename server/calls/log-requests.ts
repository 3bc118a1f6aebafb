import { randomUUID } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { Logger } from 'pino';
import { cutText } from '../../protocol/clean-text.ts';
import type { Principal } from '../auth/principal.ts';

/** What a call came by; absent where it came by no connection. */
export interface CallBindings {
  readonly incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } };
  readonly outgoing?: { once(event: 'close', listener: () => void): unknown };
}

export interface Env {
  Bindings: CallBindings;
  Variables: {
    requestId: string;
    principal: Principal | undefined;
    /** The path of the route with its `:names`; undefined where no route fits. */
    route: string | undefined;
  };
}

/** Is told of the calls of a server. */
export interface CallWatch {
  /** A call was answered; `route` is the path with its `:names`, never as it was called. */
  answered(method: string, route: string, status: number, ms: number): void;
  /** A call ended with `internal`. */
  failed(): void;
}

const mostPath = 200;

/** Gives each request an id (the caller's own where that is well-formed), and logs the request once it is answered. */
export const logRequests = (log: Logger, watch: CallWatch) =>
  createMiddleware<Env>(async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    c.header('x-request-id', requestId);
    // Answers contain the data of one org, some of them a token.
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    const started = performance.now();
    await next();
    const { status } = c.res;
    const ms = performance.now() - started;
    watch.answered(c.req.method, c.get('route') ?? 'other', status, ms);
    log[status >= 500 ? 'error' : status >= 400 ? 'warn' : 'debug'](
      {
        request_id: requestId,
        method: c.req.method,
        path: cutText(c.req.path, mostPath),
        status,
        ms: Math.round(ms),
        org_id: c.get('principal')?.orgId,
      },
      'request',
    );
  });
