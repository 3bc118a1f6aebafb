import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP relay before a server: an address that stays the same while the server is replaced or cannot be reached. */
export interface Relay {
  readonly url: string;
  /** New connections go to this server from now on. */
  connectTo(url: string): void;
  /** Breaks all connections and refuses new ones until `open`. */
  close(): void;
  open(): void;
  /** Resolves when a connection was refused. */
  refused(): Promise<void>;
  /** Asks what to do with each connection that has carried so many bytes to the server, once. */
  whenCarried(bytes: number, then: () => Carried): void;
}

/** `hold`: what else comes is thrown away, until one of the two ends the connection. */
export type Carried = 'cut' | 'hold' | 'pass';

/** Closed when the test ends. */
export async function openRelay(url: string): Promise<Relay> {
  let target = new URL(url);
  let isOpen = true;
  const sockets = new Set<Socket>();
  const refusal = Promise.withResolvers<void>();
  let watch: { readonly bytes: number; readonly then: () => Carried } | undefined;
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    if (!isOpen) {
      refusal.resolve();
      return client.destroy();
    }
    const upstream = connect(Number(target.port), target.hostname);
    const end = (): void => void [client, upstream].map((socket) => socket.destroy());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    let carried = 0;
    client.on('data', (bytes) => {
      const before = carried;
      carried += bytes.length;
      if (!watch || before > watch.bytes || carried <= watch.bytes) return;
      const act = watch.then();
      if (act === 'cut') end();
      else if (act === 'hold') client.unpipe(upstream).resume();
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    close();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectTo: (next) => {
      target = new URL(next);
    },
    close,
    open: () => {
      isOpen = true;
    },
    refused: () => refusal.promise,
    whenCarried: (bytes, then) => {
      watch = { bytes, then };
    },
  };
}
