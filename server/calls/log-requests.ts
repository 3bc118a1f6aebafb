import { randomUUID } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { Logger } from 'pino';
import { cutText } from '../../protocol/clean-text.ts';
import type { Principal } from '../auth/principal.ts';
import type { Gate } from '../gate/gate.ts';
import { addressOf, type CallBindings } from './caller-address.ts';
import { maskTokens } from './mask-tokens.ts';

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

/** A path for a log: of bounded size, and without a token that somebody put into it. */
export const shownPath = (path: string): string => cutText(maskTokens(path), mostPath);

/** Gives each request an id (the caller's own where that is well-formed), and logs the request once it is answered. */
export const logRequests = (log: Logger, watch: CallWatch, gate: Gate) =>
  createMiddleware<Env>(async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given && /^[\w.-]{1,100}$/.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    c.header('x-request-id', requestId);
    const started = performance.now();
    await next();
    const { status } = c.res;
    const ms = performance.now() - started;
    watch.answered(c.req.method, c.get('route') ?? 'other', status, ms);
    const line = {
      request_id: requestId,
      method: c.req.method,
      path: shownPath(c.req.path),
      status,
      ms: Math.round(ms),
      org_id: c.get('principal')?.orgId,
    };
    if (status >= 500) log.error(line, 'request');
    else if (status < 400) log.debug(line, 'request');
    else logRefusal(log, gate, { ...line, address: addressOf(c, gate) });
  });

/** Of a flood some lines alone, with the number of those that were left out. */
function logRefusal(
  log: Logger,
  { refusals }: Gate,
  line: { readonly org_id: string | undefined; readonly address: string },
): void {
  const leftOut = refusals.next(line.org_id ?? line.address);
  if (leftOut === undefined) return;
  log.warn({ ...line, ...(leftOut > 0 && { left_out: leftOut }) }, 'request');
}
