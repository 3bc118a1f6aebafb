import type { DeviceEntry } from '../config-shape.ts';
import type { Device, Driver } from './device.ts';

type Entry = Extract<DeviceEntry, { driver: 'simulated' }>;

/**
 * No real devices: the framework runs on the host, without a phone. For development and tests; their names and platform
 * say so.
 */
export const simulated: Driver<Entry> = {
  open: ({ target, count }, number) => Array.from({ length: count }, () => openOne(target, number())),
};

function openOne(target: string, number: number): Device {
  const name = `simulated-${target.replace('/', '-')}-${number}`;
  return { offer: { name, target, platform: 'simulated', labels: { driver: 'simulated' } }, env: {} };
}
