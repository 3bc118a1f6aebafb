import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DeviceHost, Driver } from '../device.ts';
import { IosDevice } from './ios-device.ts';
import type { DevicectlEntry, SimctlEntry } from './ios-entries.ts';
import { Simulator } from './simulator.ts';
import { deleteSimulator } from './simulator-calls.ts';
import { listSimulators } from './simulator-list.ts';
import { Xcrun } from './xcrun.ts';

/** Simulators of this Mac. */
export function simctlDriver(host: DeviceHost): Driver<SimctlEntry> {
  const xcrun = new Xcrun(host);
  let cleared: Promise<void> | undefined;
  const clear = (): Promise<void> => {
    cleared ??= clearLeft(xcrun, host);
    return cleared;
  };
  return {
    open: (entry, number) => {
      const made = `${entry.device_type?.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}-${number()}`;
      return [new Simulator(entry, entry.name ?? entry.udid ?? made, host, xcrun, clear)];
    },
  };
}

/** iPhones and iPads that are connected to this Mac. */
export function devicectlDriver(host: DeviceHost): Driver<DevicectlEntry> {
  const xcrun = new Xcrun(host);
  return { open: (entry) => [new IosDevice(entry, host, xcrun)] };
}

/**
 * Ends the recordings, and deletes the simulators, that an agent of this folder left when it was killed: both by names that
 * only it gives.
 */
async function clearLeft(xcrun: Xcrun, { env, folder, prefix }: DeviceHost): Promise<void> {
  const listed = await promisify(execFile)('ps', ['-axo', 'pid=,args='], { env, maxBuffer: 2 ** 24 }).catch(
    () => ({ stdout: '' }),
  );
  for (const line of listed.stdout.split('\n')) {
    const [, pid, words = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    const isOurs = words.includes(`${folder}/`) || words.includes(`/${prefix}`);
    if (pid !== undefined && isOurs && /\brecordVideo\b/.test(words)) endOne(Number(pid));
  }
  for (const { udid, name } of await listSimulators(xcrun))
    if (name.startsWith(prefix)) await deleteSimulator(xcrun, udid);
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
