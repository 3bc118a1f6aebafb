import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkspace } from '../test-support/host.ts';
import { BundleCache } from './bundle-cache.ts';
import { findSetUp } from './find-set-up.ts';
import { KeptEntries } from './kept-entries.ts';
import { SetUpCache } from './set-up-cache.ts';

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

test('an archive is fetched once, also by slots that need it at the same time', async () => {
  const cache = new BundleCache(makeFolder());
  const bytes = Buffer.from('an archive');
  let fetched = 0;
  const download = async () => {
    fetched += 1;
    return bytes;
  };
  const paths = await Promise.all([1, 2, 3].map(() => cache.get(hashOf(bytes), download)));
  expect(new Set(paths).size).toBe(1);
  expect(readFileSync(await cache.get(hashOf(bytes), download))).toEqual(bytes);
  expect(fetched).toBe(1);
});

test('an archive that a test has changed is fetched again', async () => {
  const cache = new BundleCache(makeFolder());
  const bytes = Buffer.from('an archive');
  const path = await cache.get(hashOf(bytes), async () => bytes);
  writeFileSync(path, 'another one');
  expect(readFileSync(await cache.get(hashOf(bytes), async () => bytes))).toEqual(bytes);
});

test('other bytes than the hash says are no archive', async () => {
  const cache = new BundleCache(makeFolder());
  const sha256 = hashOf(Buffer.from('asked for'));
  await expect(cache.get(sha256, async () => Buffer.from('sent'))).rejects.toMatchObject({
    code: 'unavailable',
  });
  const good = await cache.get(sha256, async () => Buffer.from('asked for'));
  expect(readFileSync(good, 'utf8')).toBe('asked for');
});

test('the least recently used entries go first', async () => {
  const folder = makeFolder();
  const kept = new KeptEntries(folder);
  for (const key of ['a', 'b', 'c']) {
    await kept.add(key, async (entry) => writeFileSync(join(entry, 'x'), key));
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

/** A set-up of this folder under this key. */
const setUpOf = (folder: string, key: string) => ({ argv: ['true'], top: folder, folder, key });

/** Makes packages: a file, a link, and packages of a workspace below. */
function makePackages(folder: string): void {
  for (const path of ['node_modules/p/i.js', 'apps/web/node_modules/q/i.js']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
  symlinkSync('../apps/web', join(folder, 'node_modules/web'));
}

test('packages are made once and copied whole: links as links, those of inner packages too', async () => {
  const cache = new SetUpCache(makeFolder());
  const [first, second] = [makeFolder({ 'apps/web/a.js': '' }), makeFolder({ 'apps/web/a.js': '' })];
  expect(await cache.provide(setUpOf(first, 'k'), async () => void makePackages(first))).toBe('made');
  const fail = () => Promise.reject(new Error('made twice'));
  expect(await cache.provide(setUpOf(second, 'k'), fail)).toBe('copied');
  expect(readFileSync(join(second, 'node_modules/p/i.js'), 'utf8')).toBe('node_modules/p/i.js');
  expect(readFileSync(join(second, 'node_modules/web/node_modules/q/i.js'), 'utf8')).toBe(
    'apps/web/node_modules/q/i.js',
  );

  writeFileSync(join(second, 'node_modules/p/i.js'), 'spoilt');
  const third = makeFolder();
  await cache.provide(setUpOf(third, 'k'), fail);
  expect(readFileSync(join(third, 'node_modules/p/i.js'), 'utf8')).toBe('node_modules/p/i.js');
});

test('slots that need the same packages wait for the first, and a failure keeps nothing', async () => {
  const cache = new SetUpCache(makeFolder());
  const folders = [makeFolder(), makeFolder(), makeFolder()];
  let made = 0;
  const ends = await Promise.all(
    folders.map((folder, index) =>
      cache.provide(setUpOf(folder, 'k'), async () => {
        made += 1;
        if (index === 0) return 'no network';
        makePackages(folder);
        return undefined;
      }),
    ),
  );
  expect(ends).toEqual([{ failed: 'no network' }, 'made', 'copied']);
  expect(made).toBe(2);
  expect(folders.map((folder) => existsSync(join(folder, 'node_modules/p/i.js')))).toEqual([
    false,
    true,
    true,
  ]);
});

test.each([
  ['makes', 'dist/app.js'],
  ['changes', 'src/app.js'],
])(
  'a set-up that also %s %s is made anew for each lease, since that may depend on the commit',
  async (_what, path) => {
    const cache = new SetUpCache(makeFolder());
    for (const round of ['first', 'second']) {
      const folder = makeFolder({ 'src/app.js': 'source' });
      const make = async () => {
        makePackages(folder);
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), 'built from it');
        return undefined;
      };
      expect(await cache.provide(setUpOf(folder, 'k'), make), round).toBe('made');
    }
  },
);

const lockFiles: [files: Record<string, string>, argv: string | undefined][] = [
  [{ 'package-lock.json': '{}' }, 'npm ci --prefer-offline --no-audit --no-fund'],
  [{ 'pnpm-lock.yaml': '' }, 'pnpm install --frozen-lockfile --prefer-offline'],
  [{ 'yarn.lock': '' }, 'yarn install --immutable'],
  [{ 'package.json': '{}' }, undefined],
];

test.each(lockFiles)('the set-up of %j', async (files, argv) => {
  const root = makeFolder({ 'e2e/a.ts': '', ...files });
  expect((await findSetUp(root, join(root, 'e2e'), undefined))?.argv.join(' ')).toBe(argv);
});

test('the nearest lock file counts, and settings come before it', async () => {
  const root = makeFolder({ 'package-lock.json': '{}', 'e2e/yarn.lock': '', 'e2e/deep/a.ts': '' });
  const deep = join(root, 'e2e/deep');
  expect(await findSetUp(root, deep, undefined)).toMatchObject({
    folder: join(root, 'e2e'),
    argv: ['yarn', 'install', '--immutable'],
  });
  expect(await findSetUp(root, deep, ['make', 'deps'])).toMatchObject({
    folder: join(root, 'e2e'),
    argv: ['make', 'deps'],
  });
  expect(await findSetUp(root, deep, [])).toBeUndefined();
});

test('the key follows lock file, manifests, patches and command, and nothing else', async () => {
  const keyOf = async (files: Record<string, string>, settings?: string[]) => {
    const root = makeFolder({ 'package-lock.json': '{}', 'package.json': '{}', ...files });
    return (await findSetUp(root, root, settings))?.key;
  };
  const key = await keyOf({});
  expect(await keyOf({ 'tests/a.spec.ts': 'x' })).toBe(key);
  const others = await Promise.all([
    keyOf({ 'package-lock.json': '{"n":1}' }),
    keyOf({ 'package.json': '{"n":1}' }),
    keyOf({ 'apps/web/package.json': '{}' }),
    keyOf({ 'patches/p.patch': '' }),
    keyOf({ '.npmrc': '' }),
    keyOf({}, ['npm', 'install']),
  ]);
  expect(new Set([key, ...others]).size).toBe(7);
});
