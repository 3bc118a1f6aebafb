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
  installOf: async (packageName) => {
    const words = `pm path ${packageName}; dumpsys package ${packageName}`;
    const answer = await adb.shell(serial, words, { timeoutMs: callMs });
    return typeof answer === 'string' ? undefined : parseInstall(answer.text);
  },
});

/**
 * Where it lies, when it was put there, and its version; the first of each counts, as an updated app of the system
 * is named twice. Undefined: one of them is missing.
 */
function parseInstall(text: string): string | undefined {
  const found = [/^package:\S+/m, /^\s*versionCode=\d+/m, /^\s*lastUpdateTime=\S.*/m].map((pattern) =>
    pattern.exec(text)?.[0].trim(),
  );
  return found.includes(undefined) ? undefined : found.join(' ');
}
