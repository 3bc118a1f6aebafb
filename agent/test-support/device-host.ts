import { join } from 'node:path';
import type { DeviceHost } from '../devices/device.ts';
import { HostLocks } from '../resources/host-lock.ts';

/** The host of drivers whose agent keeps its things in this folder. */
export const hostIn = (folder: string, more: Partial<DeviceHost> = {}): DeviceHost => ({
  env: {},
  locks: new HostLocks(join(folder, 'locks')),
  clock: Date.now,
  lookMs: 5000,
  mayChange: true,
  folder,
  marker: join(folder, 'process'),
  prefix: 'qgjob-test-',
  ...more,
});
