import type { DeviceEntry } from '../config-shape.ts';
import { adbDriver } from './adb/adb-driver.ts';
import { avdDriver } from './avd/avd-driver.ts';
import { browser } from './browser.ts';
import { browserstackDriver } from './browserstack/browserstack-driver.ts';
import type { Device, DeviceHost, Driver } from './device.ts';
import { openSet } from './device-set.ts';
import { devicectlDriver, simctlDriver } from './ios/ios-drivers.ts';
import { simulated } from './simulated.ts';

type EntryOf<K extends DeviceEntry['driver']> = Extract<DeviceEntry, { driver: K }>;

/** One driver per kind of device; a set is made of devices of these. */
interface Drivers {
  readonly simulated: Driver<EntryOf<'simulated'>>;
  readonly adb: Driver<EntryOf<'adb'>>;
  readonly avd: Driver<EntryOf<'avd'>>;
  readonly simctl: Driver<EntryOf<'simctl'>>;
  readonly devicectl: Driver<EntryOf<'devicectl'>>;
  readonly browser: Driver<EntryOf<'browser'>>;
  readonly browserstack: Driver<EntryOf<'browserstack'>>;
}

/** The devices of the configuration, numbered from 1 within each target. */
export function openDevices(entries: readonly DeviceEntry[], host: DeviceHost): Device[] {
  const drivers: Drivers = {
    simulated,
    adb: adbDriver(host),
    avd: avdDriver(host),
    simctl: simctlDriver(host),
    devicectl: devicectlDriver(host),
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

type Single = EntryOf<keyof Drivers>;

/** `driver` names the one that takes entries of this kind. */
const openEntry = (drivers: Drivers, entry: Single, number: () => number): Device[] =>
  (drivers[entry.driver] as Driver<Single>).open(entry, number);

/** Numbered from 1 within their set. */
const membersOf = (drivers: Drivers, { devices, target }: EntryOf<'set'>): Device[] =>
  devices.flatMap((member, index) => {
    const entry = { count: 1, ...member, target } as Single;
    return openEntry(drivers, entry, () => index + 1);
  });
