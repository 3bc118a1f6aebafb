import { Adb } from '../devices/adb/adb.ts';
import { PhoneList } from '../devices/adb/phone-states.ts';

export interface FoundPhone {
  readonly serial: string;
  /** As adb says it; `device` is one that can be used. */
  readonly state: string;
}

/** One that adb may not open is listed as `????????????`. */
const isSerial = (serial: string): boolean => /^[A-Za-z0-9]/.test(serial);

/** The phones that adb of this host sees; none where there is no adb. */
export async function findPhones(env: Readonly<Record<string, string>>): Promise<FoundPhone[]> {
  const states = await new PhoneList(new Adb(env)).read().catch(() => new Map<string, string>());
  return [...states].map(([serial, state]) => ({ serial, state })).filter(({ serial }) => isSerial(serial));
}
