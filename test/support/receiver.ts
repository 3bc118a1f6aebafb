import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What a receiver does with a call: answers a status, or something of its own. */
export type Behaviour = number | ((request: IncomingMessage, response: ServerResponse) => void);

/** A receiver of webhooks on loopback. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** In the order in which they came, those that were not answered well among them. */
  readonly received: readonly Received[];
  /** From now on. */
  behave(behaviour: Behaviour): void;
  /** Resolves once it has received so many. */
  has(n: number): Promise<void>;
}

/** Ends the connection without an answer. */
export const reset: Behaviour = (request) => request.socket.destroy();

export async function startReceiver(behaviour: Behaviour = 204): Promise<Receiver> {
  const received: Received[] = [];
  const waiting: { n: number; resolve: () => void }[] = [];
  let current = behaviour;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      text: Buffer.concat(parts).toString('utf8'),
    });
    for (const one of waiting) if (received.length >= one.n) one.resolve();
    if (typeof current === 'number') response.writeHead(current).end();
    else current(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}/hook`, port, received },
    behave: (next) => {
      current = next;
    },
    has: (n) =>
      new Promise((resolve) => {
        if (received.length >= n) resolve();
        else waiting.push({ n, resolve });
      }),
  };
}
