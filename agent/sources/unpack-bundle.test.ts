import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarHeader } from 'modern-tar';
import { expect, test } from 'vitest';
import { makeWorkspace, untilFile } from '../test-support/host.ts';
import { unpackBundle } from './unpack-bundle.ts';

type Entry = Partial<TarHeader> & { name: string; text?: string };

async function archiveOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = await packTar(
    entries.map(({ text = '', ...header }) => ({ header: { size: text.length, ...header }, body: text })),
  );
  return gzipSync(tar);
}

/** Unpacks into a new folder; answers the files that are there afterwards. */
async function unpack(
  archive: Uint8Array,
  mostFolders?: number,
): Promise<{ folder: string; files: string[] }> {
  const root = makeWorkspace({ 'out/.keep': '' });
  const [file, folder] = [join(root, 'bundle.tar.gz'), join(root, 'new')];
  writeFileSync(file, archive);
  await unpackBundle(file, folder, undefined, mostFolders);
  return { folder, files: readdirSync(folder, { recursive: true }).map(String).sort() };
}

test('files are where they were packed, with their bytes, and programs can be run', async () => {
  const long = `${'deep/'.repeat(60)}ä.ts`;
  const { folder } = await unpack(
    await archiveOf([
      { name: 'a.ts', text: 'abc' },
      { name: 'b/run.sh', text: 'x', mode: 0o755 },
      { name: 'b/set.sh', text: 'x', mode: 0o6777 },
      { name: long, text: 'long' },
      { name: 'empty' },
    ]),
  );
  expect(readFileSync(join(folder, 'a.ts'), 'utf8')).toBe('abc');
  expect(readFileSync(join(folder, long), 'utf8')).toBe('long');
  const modes = ['a.ts', 'b/run.sh', 'b/set.sh', 'empty'].map(
    (name) => statSync(join(folder, name)).mode & 0o7777,
  );
  expect(modes.map((mode) => mode.toString(8))).toEqual(['644', '755', '755', '644']);
});

test.each<[string, Entry[], RegExp]>([
  ['a path that leads out', [{ name: '../out.ts' }], /"\.\.\/out\.ts" is no path inside/],
  ['a path that leads out on its way', [{ name: 'a/../../out.ts' }], /is no path inside/],
  ['an absolute path', [{ name: '/etc/cron.d/x' }], /is no path inside/],
  ['a path with a disk', [{ name: 'C:/x' }], /is no path inside/],
  ['a path with back slashes', [{ name: '..\\out.ts' }], /has a character/],
  ['an empty part', [{ name: 'a//b' }], /is no path inside/],
  ['a part of a repository', [{ name: 'a/.git/hooks/post-checkout' }], /is a part of a repository/],
  ['a link', [{ name: 'a', type: 'symlink', linkname: '/etc' }], /"a" is a symlink/],
  ['a hard link', [{ name: 'a', type: 'link', linkname: 'b' }], /is a link/],
  ['a device', [{ name: 'a', type: 'character-device' }], /is a character-device/],
  ['a pipe', [{ name: 'a', type: 'fifo' }], /is a fifo/],
  ['a folder', [{ name: 'a/', type: 'directory' }], /is a directory/],
  ['a file twice', [{ name: 'a' }, { name: 'a' }], /has one file twice/],
  [
    'a path of many folders',
    [{ name: `${'d/'.repeat(64)}a` }],
    /is a path of more than 1024 bytes or 64 parts/,
  ],
  ['a long path', [{ name: `${`${'d'.repeat(200)}/`.repeat(6)}a` }], /is a path of more than 1024 bytes/],
])('%s is refused', async (_name, entries, why) => {
  await expect(unpack(await archiveOf(entries))).rejects.toMatchObject({
    name: 'BadBundle',
    message: expect.stringMatching(why),
  });
});

test('more folders than a bundle may have are refused, however few its files are', async () => {
  const archive = await archiveOf(
    Array.from({ length: 20 }, (_, file) => ({ name: `${file}${'/d'.repeat(4)}/a` })),
  );
  await expect(unpack(archive, 99)).rejects.toThrow('it has more than 99 folders');
  expect((await unpack(archive, 100)).files).toHaveLength(120);
});

test.each<[string, (good: Buffer) => Uint8Array]>([
  ['no archive at all', () => Buffer.from('<html>')],
  ['half of one', (good) => good.subarray(0, good.length / 2)],
  ['one without compression', () => Buffer.alloc(1024)],
  ['one with a wrong checksum', () => gzipSync(Buffer.alloc(1024, 7))],
])('%s is refused in words', async (_name, spoil) => {
  const good = await archiveOf([{ name: 'a', text: 'x'.repeat(50_000) + Math.random() }]);
  await expect(unpack(spoil(good))).rejects.toMatchObject({
    name: 'BadBundle',
    message: expect.stringMatching(/^it cannot be read: /),
  });
});

test('a signal ends the unpacking in the middle, with its own reason', async () => {
  const root = makeWorkspace();
  const file = join(root, 'bundle.tar.gz');
  const names = Array.from({ length: 2000 }, (_, index) => ({ name: `${index}`, text: 'x'.repeat(2000) }));
  writeFileSync(file, await archiveOf(names));
  const stop = new AbortController();
  const unpacking = unpackBundle(file, join(root, 'new'), stop.signal);
  await untilFile(join(root, 'new/0'));
  stop.abort(new Error('the lease is lost'));
  await expect(unpacking).rejects.toThrow('the lease is lost');
  expect(readdirSync(join(root, 'new')).length).toBeLessThan(names.length);
});
