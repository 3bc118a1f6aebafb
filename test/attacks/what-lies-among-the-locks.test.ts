import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BusySources } from '../../agent/resources/busy-sources.ts';
import { HostLocks } from '../../agent/resources/host-lock.ts';
import { makeWorkspace } from '../../agent/test-support/host.ts';
import { nobody } from '../../agent/test-support/isolated-host.ts';

const isRoot = process.getuid?.() === 0;

interface Found {
  readonly folder: string;
  readonly locks: HostLocks;
  /** What the lock of port 3000 is called. */
  readonly lock: string;
  readonly victim: string;
}

function findLock(): Found {
  const root = makeWorkspace({ victim: 'of the host' });
  const folder = join(root, 'resources');
  const locks = new HostLocks(folder);
  const held = locks.tryLock('port:3000');
  const [name = ''] = readdirSync(folder);
  held?.unlock();
  return { folder, locks, lock: join(folder, name), victim: join(root, 'victim') };
}

/** The lock of another process that lives. */
function foreign(): string {
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return JSON.stringify({ pid: process.ppid, started, id: 'of a test' });
}

const program = `
const { HostLocks } = await import(${JSON.stringify(join(import.meta.dirname, '../../agent/resources/host-lock.ts'))});
const locks = new HostLocks(process.argv[1]);
process.stdout.write(String([locks.isTakenElsewhere('port:3000'), locks.tryLock('port:3000') !== undefined]));`;

/** In a process of its own: what waits for a FIFO waits for ever. */
const tryElsewhere = (folder: string): string =>
  spawnSync(process.execPath, ['--input-type=module', '--eval', program, folder], {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  }).stdout;

const kinds: [what: string, put: (path: string, victim: string) => unknown][] = [
  ['a link', (path, victim) => symlinkSync(victim, path)],
  ['a link to nothing', (path, victim) => symlinkSync(`${victim}-none`, path)],
  ['a folder', (path) => mkdirSync(path)],
  ['a FIFO', (path) => execFileSync('mkfifo', [path])],
];

test.each(kinds)('%s in place of a wish is not written to, and ends no agent', (_, put) => {
  const { folder, locks, lock, victim } = findLock();
  writeFileSync(lock, foreign());
  put(`${lock}.wanted`, victim);
  const busy = new BusySources(locks, 1);
  busy.learn('a source', ['port:3000']);
  busy.close();
  expect(busy.list).toEqual(['a source']);
  expect(locks.isWanted('port:3000')).toBe(false);
  expect(readFileSync(victim, 'utf8')).toBe('of the host');
  expect(readdirSync(join(folder, '..')).sort()).toEqual(['node_modules', 'resources', 'victim']);
});

test.each(kinds)('%s in place of a lock names nobody, and is waited for by nobody', (_, put) => {
  const { folder, lock, victim } = findLock();
  put(lock, victim);
  put(`${lock}.wanted`, victim);
  expect(tryElsewhere(folder)).toBe('false,true');
  expect(readFileSync(victim, 'utf8')).toBe('of the host');
});

test.each([
  ['before the lock was taken', -1],
  ['a year later', 365 * 86_400],
])('a wish that a test dated %s counts for nothing though it stays', (_, seconds) => {
  const { locks, lock } = findLock();
  locks.tryLock('port:3000');
  writeFileSync(`${lock}.wanted`, '');
  const at = lstatSync(lock).mtimeMs / 1000 + seconds;
  utimesSync(`${lock}.wanted`, at, at);
  expect(locks.isWanted('port:3000')).toBe(false);
  locks.want('port:3000');
  expect(locks.isWanted('port:3000')).toBe(true);
});

test.each(['{"pid":"../tmp","started":"","id":"x"}', '{"pid":-1,"started":""}', 'null', ' '.repeat(5000)])(
  'a lock of %.40s names nobody',
  (text) => {
    const { locks, lock } = findLock();
    writeFileSync(lock, text);
    expect(locks.isTakenElsewhere('port:3000')).toBe(false);
    expect(locks.tryLock('port:3000')).toBeDefined();
  },
);

test('a link in place of the folder is not followed', () => {
  const root = makeWorkspace({ 'victim/kept': '' });
  symlinkSync(join(root, 'victim'), join(root, 'resources'));
  const locks = new HostLocks(join(root, 'resources'));
  expect(() => locks.tryLock('port:3000')).toThrow(/ENOTDIR|ELOOP/);
  locks.want('port:3000');
  expect(readdirSync(join(root, 'victim'))).toEqual(['kept']);
});

test.runIf(isRoot)(
  "what root's agent has there is removed and moved by no test, also where a test made it",
  () => {
    const { folder, locks, lock } = findLock();
    execFileSync('chown', [`${nobody}:${nobody}`, folder]);
    chmodSync(folder, 0o777);
    chmodSync(join(folder, '..'), 0o711);
    expect(locks.tryLock('port:3000')).toBeDefined();
    const { uid, mode } = statSync(folder);
    expect([uid, mode & 0o7777]).toEqual([0, 0o1777]);
    spawnSync('sh', ['-c', 'rm -f "$0"; mv "$0" "$0.x"', lock], { uid: nobody, gid: nobody });
    expect(lstatSync(lock).isFile()).toBe(true);
  },
);
