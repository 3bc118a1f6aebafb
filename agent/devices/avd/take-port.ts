import { createServer } from 'node:net';
import type { FileLock } from '../../../host/lock-file.ts';
import type { DeviceHost } from '../device.ts';

/** The last console port that an emulator takes. */
const lastPort = 5682;

export interface TakenPort {
  /** Of the console; adb's is the next one. */
  readonly port: number;
  readonly lock: FileLock;
}

/** A pair of ports that no other agent of this host, and nothing else, has; undefined: all are taken. */
export async function takePort(first: number, locks: DeviceHost['locks']): Promise<TakenPort | undefined> {
  for (let port = first; port <= lastPort; port += 2) {
    const lock = locks.tryLock(`emulator-port:${port}`);
    if (lock === undefined) continue;
    if ((await isFree(port)) && (await isFree(port + 1))) return { port, lock };
    lock.unlock();
  }
  return undefined;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
