import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawConnection {
  readonly socket: Socket;
  /** What has come so far, and whether the other side has closed it. */
  readonly seen: { readonly text: string; readonly isClosed: boolean };
}

/** A connection to a port of this machine, on which a test writes what it likes. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const seen = { text: '', isClosed: false };
  socket.on('data', (data) => {
    seen.text += String(data);
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    seen.isClosed = true;
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, seen };
}
