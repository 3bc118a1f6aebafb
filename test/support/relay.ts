import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Relay {
  readonly url: string;
  /** From now on new connections go there. */
  connectTo(url: string): void;
}

/** An address that stays the same while the server behind it is replaced. */
export async function openRelay(url: string): Promise<Relay> {
  let port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const relay = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket);
    near.pipe(far).pipe(near);
    const end = (): void => void [near, far].map((socket) => socket.destroy());
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    connectTo(next: string): void {
      port = Number(new URL(next).port);
    },
  };
}
