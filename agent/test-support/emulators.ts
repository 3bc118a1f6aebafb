import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DeviceEntries } from '../device-entries.ts';
import type { Device } from '../devices/device.ts';
import { openDevices } from '../devices/open-devices.ts';
import { startAgentProcess } from './agent-process.ts';
import { hostIn } from './device-host.ts';
import { FakeServer } from './fake-server.ts';
import { makeWorkspace, untilGone, untilTrue } from './host.ts';
import { connectPhones } from './phones.ts';

/** Its port is beyond those that every server of adb on this host looks at. */
export const emulatorEntry = { driver: 'avd', target: 'emulator', avd: 'pixel', accel: false, port: 5600 };

export interface EmulatorStart {
  readonly pid: number;
  /** The process that it has started. */
  readonly worker: number;
  readonly words: readonly string[];
}

export interface EmulatorHost {
  /** With which the stand-in for the emulator and the real adb are found. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a file that the stand-in looks at: `hold` keeps it from having booted, `broken` is what it says when it ends at once. */
  put(name: 'hold' | 'broken', text?: string): void;
  remove(name: 'hold' | 'broken'): void;
  /** How it was started so far. */
  starts(): EmulatorStart[];
  /** The ports of those that were ended by their console. */
  killed(): string[];
}

/** A host with a stand-in for the Android emulator, which has these AVDs, and the real adb with a server of its own. */
export async function emulatorHost(avds: readonly string[]): Promise<EmulatorHost> {
  const { env } = await connectPhones(0);
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-emulator-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'emulator');
  const standIn = join(import.meta.dirname, 'stand-in-emulator.ts');
  const words = [process.execPath, standIn, folder, env.ANDROID_ADB_SERVER_PORT].map((word) => `'${word}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'avds'), avds.map((avd) => `${avd}\n`).join(''));
  const lines = (name: string): string[] =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim().split('\n') : [];
  return {
    env: { ...env, PATH: `${folder}:${env.PATH}` },
    put: (name, text = '') => writeFileSync(join(folder, name), text),
    remove: (name) => rmSync(join(folder, name), { force: true }),
    starts: () => lines('starts').map((line) => JSON.parse(line)),
    killed: () => lines('killed'),
  };
}

/** The devices of these settings; ended with the test. */
export function openEmulators(settings: object, env: Readonly<Record<string, string>>): Device[] {
  const devices = openDevices(DeviceEntries.parse([settings]), hostIn(makeWorkspace(), { env }));
  onTestFinished(async () => void (await Promise.all(devices.map((device) => device.dispose?.()))));
  return devices;
}

/** Kills an agent once it has said these words, and resolves when nothing is left of its emulator, nor of that of its next start. */
export async function killAndStartAnew(host: EmulatorHost, words: string): Promise<void> {
  const server = await FakeServer.start();
  const root = makeWorkspace();
  writeFileSync(join(root, 'qgjob.agent.json'), JSON.stringify({ devices: [emulatorEntry] }));
  const start = () => startAgentProcess(root, { serverUrl: server.url }, { env: host.env });
  const gone = async ({ pid, worker }: EmulatorStart): Promise<void> => {
    for (const one of [pid, worker]) await untilGone(one);
  };
  const first = start();
  await first.says(words);
  await untilTrue(() => host.starts().length === 1);
  first.signal('SIGKILL');
  await first.ended;
  const second = start();
  await gone(host.starts()[0] as EmulatorStart);
  await untilTrue(() => host.starts().length === 2);
  second.signal('SIGTERM');
  await second.ended;
  await gone(host.starts()[1] as EmulatorStart);
  await server.close();
}
