import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface XcodeHost {
  /** With which the stand-in for xcrun is found. */
  readonly env: Readonly<Record<string, string>>;
  /** A file that the stand-in looks at. */
  put(name: string, text?: string): void;
  remove(name: string): void;
  /** The words of its calls so far. */
  calls(): string[];
  /** The simulators that are there, as simctl lists them. */
  simulators(): {
    readonly udid: string;
    readonly name: string;
    readonly state: string;
    readonly apps: string[];
  }[];
}

const runtime = 'com.apple.CoreSimulator.SimRuntime.iOS-18-0';

/** A host with a stand-in for xcrun that has these simulators, and devices as devicectl lists them. */
export function xcodeHost(simulators: readonly object[] = [], devices: readonly object[] = []): XcodeHost {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-xcode-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'xcrun');
  const words = [process.execPath, join(import.meta.dirname, 'stand-in-xcrun.ts'), folder];
  writeFileSync(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  const put = (name: string, text = ''): void => writeFileSync(join(folder, name), text);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  put('simulators.json', JSON.stringify({ [runtime]: simulators }));
  put('devices.json', JSON.stringify(devices));
  return {
    env: { PATH: `${folder}:${process.env.PATH ?? ''}`, HOME: folder },
    put,
    remove: (name) => rmSync(join(folder, name), { force: true }),
    calls: () => (existsSync(join(folder, 'calls')) ? read('calls').trim().split('\n') : []),
    simulators: () => JSON.parse(read('simulators.json'))[runtime],
  };
}
