import type { PackageStore } from '../own-packages.ts';
import type { Xcrun } from './xcrun.ts';

const callMs = 60_000;

/** Never throws. */
export async function deleteSimulator(xcrun: Xcrun, udid: string): Promise<void> {
  await xcrun.run(['simctl', 'shutdown', udid], { timeoutMs: callMs });
  await xcrun.run(['simctl', 'delete', udid], { timeoutMs: callMs });
}

/** The apps of a simulator that has booted. */
export const simulatorPackages = (xcrun: Xcrun, udid: string): PackageStore => ({
  uninstall: async (bundleId) =>
    void (await xcrun.run(['simctl', 'uninstall', udid, bundleId], { timeoutMs: callMs })),
  has: async (bundleId) => {
    const end = await xcrun.run(['simctl', 'get_app_container', udid, bundleId], { timeoutMs: callMs });
    if (end.code === 0) return true;
    return /No such file or directory|not installed/i.test(end.stderr) ? false : undefined;
  },
  // Each install makes a folder of its own.
  installOf: async (bundleId) => {
    const end = await xcrun.run(['simctl', 'get_app_container', udid, bundleId], { timeoutMs: callMs });
    return end.code === 0 && end.stdout.trim() !== '' ? end.stdout.trim() : undefined;
  },
});
