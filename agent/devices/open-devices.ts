import type { DeviceEntry } from '../config-shape.ts';
import { adbDriver } from './adb/adb-driver.ts';
import { avdDriver } from './avd/avd-driver.ts';
import { browser } from './browser.ts';
import { browserstackDriver } from './browserstack/browserstack-driver.ts';
import type { Device, DeviceHost, Driver } from './device.ts';
import { openSet } from './device-set.ts';
import { simulated } from './simulated.ts';

type EntryOf<K extends DeviceEntry['driver']> = Extract<DeviceEntry, { driver: K }>;

/** One driver per kind of device; a set is made of devices of these. */
interface Drivers {
  readonly simulated: Driver<EntryOf<'simulated'>>;
  readonly adb: Driver<EntryOf<'adb'>>;
  readonly avd: Driver<EntryOf<'avd'>>;
  readonly browser: Driver<EntryOf<'browser'>>;
  readonly browserstack: Driver<EntryOf<'browserstack'>>;
}

/** The devices of the configuration, numbered from 1 within each target. */
export function openDevices(entries: readonly DeviceEntry[], host: DeviceHost): Device[] {
  const drivers: Drivers = {
    simulated,
    adb: adbDriver(host),
    avd: avdDriver(host),
    browser,
    browserstack: browserstackDriver(host),
  };
  const numbers = new Map<string, number>();
  const next = (target: string): number => {
    const number = (numbers.get(target) ?? 0) + 1;
    numbers.set(target, number);
    return number;
  };
  return entries.flatMap((entry) =>
    entry.driver === 'set'
      ? [openSet(entry, next(entry.target), membersOf(drivers, entry))]
      : openEntry(drivers, entry, () => next(entry.target)),
  );
}

function openEntry(drivers: Drivers, entry: EntryOf<keyof Drivers>, number: () => number): Device[] {
  if (entry.driver === 'adb') return drivers.adb.open(entry, number);
  if (entry.driver === 'avd') return drivers.avd.open(entry, number);
  if (entry.driver === 'browser') return drivers.browser.open(entry, number);
  if (entry.driver === 'browserstack') return drivers.browserstack.open(entry, number);
  return drivers.simulated.open(entry, number);
}

/** Numbered from 1 within their set. */
const membersOf = (drivers: Drivers, { devices, target }: EntryOf<'set'>): Device[] =>
  devices.flatMap((member, index) => {
    const entry = member.driver === 'adb' ? { ...member, target } : { ...member, target, count: 1 };
    return openEntry(drivers, entry, () => index + 1);
  });
