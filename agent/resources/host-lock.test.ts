import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { deadPid, makeWorkspace } from '../test-support/host.ts';
import { nobody } from '../test-support/isolated-host.ts';
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

/** Root imports, since the project may lie where others cannot read. */
const asNobody = `
const { HostLocks } = await import(${JSON.stringify(join(import.meta.dirname, 'host-lock.ts'))});
process.setgroups([]);
process.setgid(${nobody});
process.setuid(${nobody});
const said = [];
const locks = new HostLocks(process.argv[1], (line) => said.push(line));
const look = () => [locks.tryLock('port:1') !== undefined, locks.isTakenElsewhere('port:1')];
console.log(JSON.stringify([look(), look(), said]));
fs.readSync(0, Buffer.alloc(1));
console.log(JSON.stringify([locks.isTakenElsewhere('port:1'), look(), said.length]));`;

test.runIf(process.getuid?.() === 0)(
  'what a dead process of another user has in the folder of root counts as taken until it is removed, and that is said once',
  async () => {
    const root = makeWorkspace();
    chmodSync(root, 0o711);
    const folder = join(root, 'resources');
    new HostLocks(folder).tryLock('port:1');
    const [name = ''] = readdirSync(folder);
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ pid: Number(deadPid()), started: '1', id: 'x' }));
    const child = spawn(process.execPath, ['--input-type=module', '--eval', asNobody, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
    const words = `port:1 stays locked: ${path} is of a process of another user that is no more, and only that user and root can remove it; remove it, and what needs port:1 runs here again`;
    expect(await next()).toEqual([[false, true], [false, true], [words]]);
    rmSync(path);
    child.stdin.end('x');
    expect(await next()).toEqual([false, [true, false], 1]);
  },
);

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
