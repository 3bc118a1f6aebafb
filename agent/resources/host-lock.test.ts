import { spawnSync } from 'node:child_process';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { HostLocks } from './host-lock.ts';

test('one has it at a time, and the next one when it was given back', () => {
  const locks = new HostLocks(join(makeWorkspace(), 'resources'));
  const first = locks.tryLock('port:1');
  expect(locks.tryLock('port:1')).toBeUndefined();
  expect(locks.tryLock('port:2')).toBeDefined();
  first?.unlock();
  const second = locks.tryLock('port:1');
  // The first one has nothing to give back any more.
  first?.unlock();
  expect([second !== undefined, locks.tryLock('port:1')]).toEqual([true, undefined]);
});

test('what a process had when it was killed is free again', () => {
  const folder = join(makeWorkspace(), 'resources');
  const program = `const { HostLocks } = await import(${JSON.stringify(join(import.meta.dirname, 'host-lock.ts'))});
    process.stdout.write(String(new HostLocks(process.argv[1]).tryLock('port:1') !== undefined));
    process.kill(process.pid, 'SIGKILL');`;
  const argv = ['--input-type=module', '--eval', program, folder];
  const { stdout, signal } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect([stdout, signal]).toEqual(['true', 'SIGKILL']);
  expect(new HostLocks(folder).isTakenElsewhere('port:1')).toBe(false);
  expect(new HostLocks(folder).tryLock('port:1')).toBeDefined();
});

test('a name is no path, and a wish is forgotten when the thing changes hands', () => {
  const locks = new HostLocks(join(makeWorkspace(), 'resources'));
  expect(locks.tryLock('../../etc/passwd')).toBeDefined();
  const first = locks.tryLock('port:1');
  locks.want('port:1');
  expect(locks.isWanted('port:1')).toBe(true);
  first?.unlock();
  locks.tryLock('port:1');
  expect(locks.isWanted('port:1')).toBe(false);
});

test('a wish counts for as long as the one who waits repeats it', () => {
  const folder = join(makeWorkspace(), 'resources');
  const locks = new HostLocks(folder);
  locks.tryLock('port:1');
  locks.want('port:1');
  const wish = readdirSync(folder).find((name) => name.endsWith('.wanted')) ?? '';
  for (const name of readdirSync(folder)) age(join(folder, name), name === wish ? 60 : 3600);
  expect(locks.isWanted('port:1')).toBe(false);
  locks.want('port:1');
  expect(locks.isWanted('port:1')).toBe(true);
});

function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(path, then, then);
}
