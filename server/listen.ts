import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { QgjobError } from '../protocol/errors.ts';

type Fetch = (request: Request) => Response | Promise<Response>;

export interface Listening {
  readonly url: string;
  /** Ends idle connections, waits for answers under way, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Listens; the answerer may be set later, once the address is known. Errors: `unavailable` when the port is taken. */
export async function listen(host: string, port: number, fetch: Fetch): Promise<Listening> {
  // A slow client must not hold a socket for ever before its request is complete.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 300_000 }, getRequestListener(fetch));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)));
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${taken}`, close: (graceMs) => closeServer(server, graceMs) };
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

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): QgjobError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'the port is in use; stop what runs there, or choose another --port'
      : error.message;
  return new QgjobError('unavailable', `cannot listen on ${host}:${port}: ${why}`, { cause: error });
}
