import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { AppCache } from '../apps/app-cache.ts';
import { readConfig } from '../config.ts';
import { HostLocks } from '../resources/host-lock.ts';
import { BundleCache } from '../sources/bundle-cache.ts';
import { PackageCache } from '../sources/package-cache.ts';
import { Repositories } from '../sources/repositories.ts';
import { deadPid, makeWorkspace } from '../test-support/host.ts';
import { clearLeftBehind } from './clear-left-behind.ts';
import { noteOutside } from './outside-files.ts';

/** Clears, and answers the lines that it writes. */
async function clear(root: string): Promise<string[]> {
  const lines: string[] = [];
  const config = readConfig({ token: 'a-token', name: 'rack-1' }, root, {});
  const bundles = new BundleCache(join(root, '.qgjob/agent/.cache/bundles'));
  const apps = new AppCache(join(root, '.qgjob/agent/.cache/apps'), new HostLocks());
  const repositories = new Repositories(join(root, '.qgjob/agent/.cache/repositories'), new HostLocks());
  const packages = new PackageCache(join(root, '.qgjob/agent/.cache/packages'), new HostLocks());
  await clearLeftBehind({ config, bundles, apps, packages, repositories, say: (line) => lines.push(line) });
  return lines;
}

const generated = `.qgjob.${randomUUID()}.config.ts`;

test('what a dead process of this agent left is removed, with the files that it noted elsewhere', async () => {
  const root = makeWorkspace({ [generated]: '', 'playwright.config.ts': '' });
  const lease = join(root, '.qgjob/agent/rack-1', deadPid(), 'lse_1');
  mkdirSync(join(lease, 'job_1/artifacts'), { recursive: true });
  await noteOutside(lease, [join(root, generated), join(root, 'gone-already')]);
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
  expect(existsSync(join(root, generated))).toBe(false);
  expect(existsSync(join(root, 'playwright.config.ts'))).toBe(true);
});

test('a live process of the same name, agents of other names and strange files are left alone', async () => {
  const root = makeWorkspace();
  const home = join(root, '.qgjob/agent');
  const alive = join(home, 'rack-1', String(process.ppid));
  const other = join(home, 'rack-2', deadPid());
  for (const folder of [alive, other]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, 'rack-1/notes.txt'), '');
  expect(await clear(root)).toEqual([]);
  expect([existsSync(alive), existsSync(other), existsSync(join(home, 'rack-1/notes.txt'))]).toEqual([
    true,
    true,
    true,
  ]);
});

test('an earlier process of our own number is a dead one: in a container every start has the same', async () => {
  const root = makeWorkspace();
  const own = join(root, '.qgjob/agent/rack-1', String(process.pid));
  mkdirSync(own, { recursive: true });
  expect(await clear(root)).toEqual([]);
  expect(existsSync(own)).toBe(false);
});

test('the first start finds nothing', async () => {
  expect(await clear(makeWorkspace())).toEqual([]);
});

/** A folder of a dead process with one lease, and a folder elsewhere whose files must not be removed. */
function leftBy(pid: string): { root: string; lease: string; victim: string } {
  const root = makeWorkspace({ 'suite/playwright.config.ts': '', [`suite/${generated}`]: '' });
  const victim = makeWorkspace({ 'keep.txt': 'x', [generated]: '' });
  const lease = join(root, '.qgjob/agent/rack-1', pid, 'lease-1');
  mkdirSync(lease, { recursive: true });
  symlinkSync(victim, join(root, 'link'));
  return { root, lease, victim };
}

const forged: [what: string, path: (root: string, victim: string) => string][] = [
  ['any file of the workspace', (root) => join(root, 'suite/playwright.config.ts')],
  ['a file elsewhere', (_root, victim) => join(victim, 'keep.txt')],
  ['a generated name elsewhere', (_root, victim) => join(victim, generated)],
  ['a generated name behind a link', (root) => join(root, 'link', generated)],
  [
    'a generated name by a way round',
    (root, victim) => join(root, `suite/../../${basename(victim)}`, generated),
  ],
  ['a relative path', () => `suite/${generated}`],
];
test.each(forged)('a note that a test wrote about %s removes nothing', async (_what, path) => {
  const { root, lease, victim } = leftBy(deadPid());
  await noteOutside(lease, [path(root, victim)]);
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(victim).sort()).toEqual([generated, 'keep.txt', 'node_modules'].sort());
  expect(readdirSync(join(root, 'suite')).sort()).toEqual([generated, 'playwright.config.ts'].sort());
});

const oddNotes: [what: string, make: (note: string, victim: string) => void][] = [
  ['a pipe', (note) => execFileSync('mkfifo', [note])],
  ['a folder', (note) => mkdirSync(note)],
  ['a link', (note, victim) => symlinkSync(join(victim, 'keep.txt'), note)],
];
test.each(oddNotes)('%s in place of the note is neither read nor waited for', async (_what, make) => {
  const { root, lease, victim } = leftBy(deadPid());
  make(join(lease, 'outside'), victim);
  expect(await clear(root)).toEqual([]);
  expect(existsSync(join(victim, 'keep.txt'))).toBe(true);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
});

test('links in place of folders are removed, and what they lead to is left alone', async () => {
  const { root, lease, victim } = leftBy(deadPid());
  symlinkSync(victim, join(lease, 'artifacts'));
  symlinkSync(victim, join(root, '.qgjob/agent/rack-1', deadPid()));
  symlinkSync(victim, join(dirname(lease), 'lease-2'));
  expect(await clear(root)).toEqual([]);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
  expect(readdirSync(victim).sort()).toEqual([generated, 'keep.txt', 'node_modules'].sort());
});
