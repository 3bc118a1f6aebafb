import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { QgjobError } from '../protocol/errors.ts';
import { errorAnswer } from './http/error-answer.ts';

type Fetch = (request: Request) => Response | Promise<Response>;

/** A bound port. The address must be known before the app can be wired, so calls that come earlier are put off. */
export interface Listening {
  /** Origin under which clients on this machine reach it. */
  readonly url: string;
  /** From now on calls are answered by `fetch`; until then with 503. */
  open(fetch: Fetch): void;
  /** Answers new calls with 503 and waits for those under way, also of callers that are gone, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Errors: `unavailable` when the port is taken or the address is not one of this machine. */
export async function listen(host: string, port: number): Promise<Listening> {
  let answer: Fetch = putOff('the server is starting; try again');
  let isClosing = false;
  const underWay = new Set<Promise<Response>>();
  const track = (call: Promise<Response>): Promise<Response> => {
    underWay.add(call);
    return call.finally(() => underWay.delete(call));
  };
  const serve = async (request: Request): Promise<Response> => {
    const response = await track(Promise.resolve(answer(request)));
    // A connection that stays open would only bring calls that are put off.
    if (isClosing) response.headers.set('connection', 'close');
    return response;
  };
  const listener = getRequestListener(serve, { errorHandler: malformed });
  // A slow client must not hold a socket for ever: its headers come soon, its bytes keep coming, and only an upload takes
  // as long as it likes up to an hour; bodies that are read whole have a shorter time of their own.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 3_600_000 }, listener);
  server.setTimeout(120_000);
  await bind(server, host, port);
  return {
    url: urlOf(server),
    open: (fetch) => {
      answer = fetch;
    },
    async close(graceMs) {
      isClosing = true;
      answer = putOff('the server is stopping; try again');
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, graceMs);
      await closeServer(server, graceMs);
      await Promise.race([Promise.allSettled(underWay), late.promise]);
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

/** A server that listens on every address is reached by the loopback one. */
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

const putOff = (why: string) => () => toResponse(new QgjobError('unavailable', why));

/** What is not even a request to route: no Host, a target that is no path. */
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
