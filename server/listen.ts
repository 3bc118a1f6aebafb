import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { QgjobError } from '../protocol/errors.ts';
import type { CallBindings } from './calls/caller-address.ts';
import { errorAnswer } from './calls/error-answer.ts';

type Fetch = (request: Request, bindings: CallBindings) => Response | Promise<Response>;

/** A bound port. The app needs its address, so the port is bound first, and calls before `open` are refused for now. */
export interface Listening {
  /** The origin at which clients on this machine reach it. */
  readonly url: string;
  /** From now on `fetch` answers calls; until then the answer is 503. */
  open(fetch: Fetch): void;
  /**
   * Answers new calls with 503, and waits for the current ones, also those of callers that are gone, at most
   * `graceMs`.
   */
  close(graceMs: number): Promise<void>;
}

/** Binds the port. `watch` sees the server before its first connection. Errors: `unavailable` where it is taken or the address is not one of this machine. */
export async function listen(
  host: string,
  port: number,
  watch?: (server: Server) => void,
): Promise<Listening> {
  let answer: Fetch = refuseForNow('the server is starting; try again');
  let isClosing = false;
  const current = new Set<Promise<Response>>();
  const track = (call: Promise<Response>): Promise<Response> => {
    current.add(call);
    return call.finally(() => current.delete(call));
  };
  const serve = async (request: Request, bindings: object): Promise<Response> => {
    const response = await track(Promise.resolve(answer(request, bindings as CallBindings)));
    // A connection that stays open would only bring calls that are refused.
    if (isClosing) response.headers.set('connection', 'close');
    return response;
  };
  const listener = getRequestListener(serve, { errorHandler: malformed });
  // A slow client must not keep a socket for ever. Headers must come within 15 s, bytes without a pause of 2 min. An
  // upload may take an hour; bodies that are read whole have a shorter limit of their own.
  const server = createServer(
    { headersTimeout: 15_000, requestTimeout: 3_600_000, connectionsCheckingInterval: 5000 },
    listener,
  );
  server.setTimeout(120_000);
  watch?.(server);
  await bind(server, host, port);
  return {
    url: urlOf(server),
    open: (fetch) => {
      answer = fetch;
    },
    async close(graceMs) {
      isClosing = true;
      answer = refuseForNow('the server is stopping; try again');
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, graceMs);
      await closeServer(server, graceMs);
      await Promise.race([Promise.allSettled(current), late.promise]);
      clearTimeout(timer);
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen(port, host, resolve);
  });
}

/** A server that listens on all addresses is reached at the loopback address. */
function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

const refuseForNow = (why: string) => () => toResponse(new QgjobError('unavailable', why));

/** The answer to a request that cannot be routed: without Host, or with a target that is no path. */
function malformed(error: unknown): Response {
  const { name, message } = error as Error;
  const isMalformed = name === 'RequestError';
  return toResponse(isMalformed ? new QgjobError('invalid', `not a proper HTTP request: ${message}`) : error);
}

function toResponse(error: unknown): Response {
  const { status, headers, body } = errorAnswer(error, randomUUID());
  return Response.json(body, { status, headers });
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): QgjobError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is in use; stop what runs there, or choose another --port'
      : error.message;
  return new QgjobError('unavailable', `cannot listen on ${host}:${port}: ${why}`, { cause: error });
}
