import type { DeviceEntry } from '../config-shape.ts';
import type { Device, Driver } from './device.ts';
import { simulated } from './simulated.ts';

/** One driver per kind of device. */
const drivers: { readonly [K in DeviceEntry['driver']]: Driver<Extract<DeviceEntry, { driver: K }>> } = {
  simulated,
};

/** The devices of the configuration, numbered from 1 within each target. */
export function openDevices(entries: readonly DeviceEntry[]): Device[] {
  const numbers = new Map<string, number>();
  const next = (target: string): number => {
    const number = (numbers.get(target) ?? 0) + 1;
    numbers.set(target, number);
    return number;
  };
  return entries.flatMap((entry) => drivers[entry.driver].open(entry, () => next(entry.target)));
}
