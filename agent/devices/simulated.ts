import type { DeviceEntry } from '../config-shape.ts';
import type { Device, Driver } from './device.ts';

type Entry = Extract<DeviceEntry, { driver: 'simulated' }>;

/**
 * Devices that are not there: the real framework runs on the host, without a phone. For development and tests, and
 * named so wherever they show.
 */
export const simulated: Driver<Entry> = {
  open: ({ target, count }, number) => Array.from({ length: count }, () => openOne(target, number())),
};

function openOne(target: string, number: number): Device {
  const name = `simulated-${target.replace('/', '-')}-${number}`;
  return { offer: { name, target, platform: 'simulated', labels: { driver: 'simulated' } }, env: {} };
}
