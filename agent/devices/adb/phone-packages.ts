import type { PackageStore } from '../own-packages.ts';
import type { Adb } from './adb.ts';

const callMs = 10_000;
const uninstallMs = 20_000;

/** The apps of a phone. */
export const phonePackages = (adb: Adb, serial: string): PackageStore => ({
  uninstall: async (packageName) => {
    const words = ['-s', serial, 'uninstall', packageName];
    await adb.runMarked(words, { timeoutMs: uninstallMs }).catch(() => undefined);
  },
  has: async (packageName) => {
    const words = `pm path ${packageName}`;
    const answer = await adb.shell(serial, words, { timeoutMs: callMs }).catch(() => 'cut' as const);
    return typeof answer === 'string' ? undefined : /^package:/m.test(answer.text);
  },
});
