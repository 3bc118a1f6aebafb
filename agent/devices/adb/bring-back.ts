import type { Adb, AdbOptions } from './adb.ts';

/** A phone in the network: `192.168.1.20:5555`. */
const inNetwork = /:\d+$/;

/** Makes adb look for a phone again that it has lost. Other phones do not feel it. */
export async function bringBack(adb: Adb, serial: string, options: AdbOptions): Promise<void> {
  // adb forgets a phone of the network that is told to reconnect while it is away.
  await adb.run(inNetwork.test(serial) ? ['connect', serial] : ['-s', serial, 'reconnect'], options);
}

/** Whether adb can find a phone that it does not list: one that is plugged in is listed by itself. */
export const canBeCalled = (serial: string): boolean => inNetwork.test(serial);
