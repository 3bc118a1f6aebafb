import { Adb } from '../adb/adb.ts';
import { PhoneList } from '../adb/phone-states.ts';
import type { DeviceHost, Driver } from '../device.ts';
import type { AvdEntry } from './avd-entry.ts';
import { Emulator } from './emulator.ts';

/** Emulators that this agent starts. Several of one AVD are numbered. */
export function avdDriver(host: DeviceHost): Driver<AvdEntry> {
  const adb = new Adb(host.env, host.marker);
  const list = new PhoneList(adb);
  return {
    open: (entry) => {
      const { avd, name = avd, count } = entry;
      return Array.from({ length: count }, (_, index) => {
        const own = count === 1 ? name : `${name}-${index + 1}`;
        return new Emulator(entry, own, host, list, adb);
      });
    },
  };
}
