import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { FakePhone } from './fake-phone.ts';

const run = promisify(execFile);

/** True where the host has an adb. With `QGJOB_REQUIRE_ANDROID` it must be there. */
export function hasAdb(): boolean {
  if (spawnSync('adb', ['version']).status === 0) return true;
  if (process.env.QGJOB_REQUIRE_ANDROID) throw new Error('no adb here: install the Debian package adb');
  process.stderr.write('skipped: no adb here, install the Debian package adb\n');
  return false;
}

export interface Phones {
  readonly phones: readonly FakePhone[];
  /** With which adb finds its server and its keys. */
  readonly env: Readonly<Record<string, string>>;
}

let tried = 0;

/** Below the ports that the system gives to others: a port that was free a moment ago may be one of theirs by now. */
async function serverPort(): Promise<number> {
  for (;;) {
    const port = 12_000 + ((process.pid * 31 + tried++) % 18_000);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** The host's real adb, with a server of its own, and phones that it sees. Ends with the test. */
export async function connectPhones(count: number): Promise<Phones> {
  const home = mkdtempSync(join(tmpdir(), 'qgjob-adb-'));
  const port = String(await serverPort());
  const env = { PATH: process.env.PATH ?? '', HOME: home, ANDROID_ADB_SERVER_PORT: port };
  const phones = await Promise.all(Array.from({ length: count }, () => new FakePhone().plug()));
  onTestFinished(async () => {
    // The server of this test alone.
    await run('adb', ['kill-server'], { env }).catch(() => undefined);
    for (const phone of phones) await phone.unplug();
    rmSync(home, { recursive: true, force: true });
  });
  await run('adb', ['start-server'], { env });
  for (const phone of phones) await run('adb', ['connect', phone.serial], { env });
  return { phones, env };
}
