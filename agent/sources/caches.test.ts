import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { deadPid, makeWorkspace } from '../test-support/host.ts';
import { BundleCache, OtherBytes } from './bundle-cache.ts';
import { findSetUps } from './find-set-ups.ts';
import { KeptEntries } from './kept-entries.ts';

/** A folder with these files and nothing else. */
function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = join(makeWorkspace(), 'new');
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A download that brings these bytes, one after the other, and the last ones again and again. */
function bringing(...all: readonly Buffer[]) {
  const counted = { fetched: 0, download };
  async function download(path: string): Promise<string> {
    const bytes = all[Math.min(counted.fetched, all.length - 1)] ?? Buffer.alloc(0);
    counted.fetched += 1;
    writeFileSync(path, bytes);
    return hashOf(bytes);
  }
  return counted;
}

const bytes = Buffer.from('an archive');
const sha256 = hashOf(bytes);

test('an archive is fetched once, also by slots that need it at the same time', async () => {
  const cache = new BundleCache(makeFolder());
  const server = bringing(bytes);
  const paths = await Promise.all([1, 2, 3].map(() => cache.get(sha256, server.download)));
  expect(new Set(paths).size).toBe(1);
  expect(readFileSync(await cache.get(sha256, server.download))).toEqual(bytes);
  expect(server.fetched).toBe(1);
});

test('a download that ends with the lease of one slot does not end that of another', async () => {
  const cache = new BundleCache(makeFolder());
  const first = cache.get(sha256, () => Promise.reject(new Error('the lease is lost')));
  const second = cache.get(sha256, bringing(bytes).download);
  await expect(first).rejects.toThrow('the lease is lost');
  expect(readFileSync(await second)).toEqual(bytes);
});

test('an archive that a test has changed is fetched again', async () => {
  const cache = new BundleCache(makeFolder());
  const server = bringing(bytes);
  writeFileSync(await cache.get(sha256, server.download), 'another one');
  expect(readFileSync(await cache.get(sha256, server.download))).toEqual(bytes);
  expect(server.fetched).toBe(2);
});

test('other bytes than the hash says are dropped and fetched once more', async () => {
  const folder = makeFolder();
  const cache = new BundleCache(folder);
  const bad = bringing(Buffer.from('others'));
  await expect(cache.get(sha256, bad.download)).rejects.toThrow(OtherBytes);
  expect([bad.fetched, readdirSync(folder)]).toEqual([2, []]);
  const mended = bringing(Buffer.from('others'), bytes);
  expect(readFileSync(await cache.get(sha256, mended.download))).toEqual(bytes);
});

test('what a process that is gone left unfinished is cleared, and what another one makes is not', async () => {
  const folder = makeFolder({
    [`.${deadPid()}-a/bundle.tar.gz`]: 'half',
    [`.${process.ppid}-b/bundle.tar.gz`]: 'half',
    [`.${process.pid}-c/bundle.tar.gz`]: 'half',
    '.0c7e8a1c-e58b-4d3e-9d3a-d0b6a1d2a1b3/bundle.tar.gz': 'half',
    'whole/bundle.tar.gz': 'whole',
  });
  await new BundleCache(folder).clearTorn();
  expect(readdirSync(folder).sort()).toEqual([`.${process.ppid}-b`, 'whole']);
  await new BundleCache(join(folder, 'none')).clearTorn();
});

test('the least recently used entries go first', async () => {
  const folder = makeFolder();
  const kept = new KeptEntries(folder);
  for (const key of ['a', 'b', 'c']) {
    await kept.add(key, async () => true);
    utimesSync(join(folder, key, 'used'), 1, 1);
  }
  for (const key of ['a', 'c']) await kept.find(key);
  await kept.keepWithin(2, async () => 1);
  expect(readdirSync(folder).sort()).toEqual(['a', 'c']);
});

test('an entry that fails to be filled is none', async () => {
  const kept = new KeptEntries(makeFolder());
  await expect(kept.add('a', () => Promise.reject(new Error('no space left')))).rejects.toThrow(
    'no space left',
  );
  expect(await kept.find('a')).toBeUndefined();
});

const lockFiles: [files: Record<string, string>, argv: string | undefined][] = [
  [{ 'package-lock.json': '{}' }, 'npm ci --prefer-offline --no-audit --no-fund'],
  [{ 'pnpm-lock.yaml': '' }, 'pnpm install --frozen-lockfile --prefer-offline'],
  [{ 'yarn.lock': '__metadata:' }, 'yarn install --immutable'],
  [{ 'yarn.lock': '# yarn lockfile v1' }, 'yarn install --frozen-lockfile --prefer-offline'],
  [{ 'package.json': '{}' }, undefined],
];

test.each(lockFiles)('the set-up of %j', (files, argv) => {
  const root = makeFolder({ 'e2e/a.ts': '', ...files });
  const found = findSetUps(root, join(root, 'e2e'), ['a.ts'], undefined);
  expect(found.map((setUp) => setUp.argv.join(' '))).toEqual(argv === undefined ? [] : [argv]);
});

test.each([
  [{ devDependencies: { qgjob: '^1' } }, 0],
  [{ dependencies: { qgjob: 'file:../qgjob.tgz' } }, 0],
  [{ dependencies: { qgjob: '^1', ms: '^2' } }, 1],
  [{ devDependencies: { qgjob: '^1' }, scripts: { prepare: 'make' } }, 1],
  [{ devDependencies: { qgjob: '^1' }, workspaces: ['a'] }, 1],
  [{}, 1],
])('for a package.json with %j there are so many set-ups: %i', (manifest, count) => {
  const root = makeFolder({
    'package-lock.json': '{}',
    'package.json': JSON.stringify(manifest),
    'a.js': '',
  });
  expect(findSetUps(root, root, ['a.js'], undefined)).toHaveLength(count);
});

const nested = {
  'package-lock.json': '{}',
  'e2e/yarn.lock': '',
  'e2e/deep/a.ts': '',
  'e2e/own/pnpm-lock.yaml': '',
  'e2e/own/tests/b.ts': '',
};

test('the lock file above the folder counts, and each on the way down to a test', () => {
  const root = makeFolder(nested);
  const foldersOf = (folder: string, ...tests: string[]) =>
    findSetUps(root, join(root, folder), tests, undefined).map((setUp) => setUp.folder.slice(root.length));
  expect(foldersOf('e2e/deep', 'a.ts')).toEqual(['/e2e']);
  expect(foldersOf('e2e', 'deep/a.ts', 'own/tests/b.ts')).toEqual(['/e2e', '/e2e/own']);
  expect(foldersOf('', 'e2e/own/tests/b.ts', 'e2e/deep/a.ts')).toEqual(['', '/e2e', '/e2e/own']);
  expect(foldersOf('')).toEqual(['']);
});

test('settings come before lock files, and run in their folders or in that of the tests', () => {
  const root = makeFolder(nested);
  const make = ['make', 'deps'];
  expect(findSetUps(root, join(root, 'e2e/deep'), ['a.ts'], make)).toEqual([
    { folder: join(root, 'e2e'), argv: make },
  ]);
  const bare = makeFolder({ 'e2e/a.ts': '' });
  expect(findSetUps(bare, join(bare, 'e2e'), ['a.ts'], make)).toEqual([
    { folder: join(bare, 'e2e'), argv: make },
  ]);
  expect(findSetUps(root, root, ['e2e/deep/a.ts'], [])).toEqual([]);
});
