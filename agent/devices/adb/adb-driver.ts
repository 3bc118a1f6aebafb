import type { DeviceEntry } from '../../config-shape.ts';
import type { DeviceHost, Driver } from '../device.ts';
import { Adb } from './adb.ts';
import { Phone } from './phone.ts';
import { PhoneList } from './phone-states.ts';

/** Phones of one host share a list, which one call of adb reads. */
export function adbDriver(host: DeviceHost): Driver<Extract<DeviceEntry, { driver: 'adb' }>> {
  const adb = new Adb(host.env, host.marker);
  const list = new PhoneList(adb);
  return { open: (entry) => [new Phone(entry, host, list, adb)] };
}
