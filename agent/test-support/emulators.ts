import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connectPhones } from './phones.ts';

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
