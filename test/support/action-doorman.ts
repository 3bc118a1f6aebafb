import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A door before a server, which can be shut: connections break and new ones are refused until it is opened. */
export interface Doorman {
  readonly url: string;
  shut(): void;
  open(): void;
  /** Resolves when somebody knocked at the shut door. */
  knocked(): Promise<void>;
}

export async function placeDoorman(target: string): Promise<Doorman> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const knock = Promise.withResolvers<void>();
  let isOpen = true;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (!isOpen) {
      knock.resolve();
      return socket.destroy();
    }
    const inner = connect(Number(port), hostname);
    for (const one of [socket, inner]) {
      sockets.add(one);
      one.on('error', () => one.destroy()).on('close', () => sockets.delete(one));
    }
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const shut = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    shut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut,
    open: () => {
      isOpen = true;
    },
    knocked: () => knock.promise,
  };
}
