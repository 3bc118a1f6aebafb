import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { packTar, type TarHeader } from 'modern-tar';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { makeWorkspace } from '../../test-support/host.ts';
import { unpackApp } from './unpack-app.ts';
import { unpackArchive } from './unpack-archive.ts';

const plist = (id: string): string =>
  `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleIdentifier</key><string>${id}</string></dict></plist>`;
const env = { PATH: '/usr/bin:/bin' };

/** A folder with an app as builds have it: a program, and links inside. */
function makeApp(): string {
  const root = makeWorkspace();
  const app = join(root, 'in/Shop.app');
  mkdirSync(join(app, 'Frameworks/A'), { recursive: true });
  writeFileSync(join(app, 'Info.plist'), plist('com.example.shop'));
  writeFileSync(join(app, 'Shop'), 'program', { mode: 0o755 });
  writeFileSync(join(app, 'Frameworks/A/lib'), 'lib');
  symlinkSync('A', join(app, 'Frameworks/Current'));
  symlinkSync('Current/lib', join(app, 'Frameworks/lib'));
  return root;
}

const has = (program: string): boolean => existsSync(`/usr/bin/${program}`) || existsSync(`/bin/${program}`);

test.each([
  ['a tar', 'c', ''],
  ['a tar of gzip', 'cz', ''],
  ...(has('bzip2') ? [['a tar of bzip2', 'cj', '']] : []),
  ...(has('xz') ? [['a tar of xz', 'cJ', '']] : []),
])('the app in %s is there whole, with its program and its links', async (_what, letters) => {
  const root = makeApp();
  const build = join(root, 'build');
  execFileSync('tar', [`-${letters}f`, build, '-C', join(root, 'in'), './Shop.app']);
  const app = await unpackApp(build, env);
  expect(app).toEqual({ path: join(root, 'unpacked/Shop.app'), bundleId: 'com.example.shop' });
  expect(lstatSync(join(app.path, 'Shop')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(app.path, 'Info.plist')).mode & 0o777).toBe(0o644);
  expect(readlinkSync(join(app.path, 'Frameworks/lib'))).toBe('Current/lib');
});

/** A zip of these; a text with the mode of a link is one. */
async function zipFile(
  path: string,
  entries: readonly (readonly [name: string, body: string, mode?: number])[],
): Promise<string> {
  const zip = new ZipFile();
  for (const [name, body, mode = 0o100644] of entries) zip.addBuffer(Buffer.from(body), name, { mode });
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

test('the app in an IPA is there whole', async () => {
  const root = makeWorkspace();
  const build = await zipFile(join(root, 'app.ipa'), [
    ['Payload/Shop.app/Info.plist', plist('com.example.shop')],
    ['Payload/Shop.app/Shop', 'program', 0o100755],
    ['Payload/Shop.app/link', 'Shop', 0o120777],
  ]);
  const app = await unpackApp(build, env);
  expect(app.bundleId).toBe('com.example.shop');
  expect(readlinkSync(join(app.path, 'link'))).toBe('Shop');
  expect(lstatSync(join(app.path, 'Shop')).mode & 0o777).toBe(0o755);
});

type TarEntry = Partial<TarHeader> & { readonly name: string; readonly text?: string };

async function tarFile(path: string, entries: readonly TarEntry[]): Promise<string> {
  const packed = entries.map(({ text = '', ...header }) => ({
    header: { size: text.length, ...header },
    body: text,
  }));
  writeFileSync(path, await packTar(packed));
  return path;
}

const link = (name: string, linkname: string): TarEntry => ({ name, type: 'symlink', linkname });

test.each<[string, TarEntry[], RegExp]>([
  ['a path that leads out', [{ name: '../../out' }], /is no path inside/],
  ['an absolute path', [{ name: '/out' }], /is no path inside/],
  ['a pipe', [{ name: 'A.app/Info.plist', type: 'fifo' }], /is a fifo/],
  ['a device', [{ name: 'A.app/Info.plist', type: 'character-device' }], /is a character-device/],
  ['a hard link', [{ name: 'A.app/x', type: 'link', linkname: '/etc/passwd' }], /is a link/],
  ['a link to a file of the host', [link('A.app/Info.plist', '/etc/passwd')], /is a link to nothing inside/],
  ['a link that leads out', [link('A.app/x', '../../../out')], /is a link to nothing inside/],
  [
    'a link that leads out by another one',
    [{ name: 'd/e/f/x' }, link('A.app/b', '../d/e/f'), link('A.app/c', 'b/../../../../out')],
    /is a link to nothing inside/,
  ],
  ['a link to itself', [link('A.app/x', 'x')], /is a link to nothing inside/],
  ['a file behind a link', [link('A.app', '/tmp'), { name: 'A.app/x' }], /./],
  ['a file twice', [{ name: 'A.app/x' }, { name: './A.app/x' }], /twice/],
  ['a path without an end', [{ name: `${'d/'.repeat(100)}x` }], /is no path inside/],
])('a build with %s is refused, and nothing of it stays', async (_what, entries, why) => {
  const root = makeWorkspace();
  const build = await tarFile(join(root, 'build'), entries);
  await expect(unpackApp(build, env)).rejects.toThrow(why);
  expect(existsSync(join(root, 'unpacked'))).toBe(false);
  expect(existsSync(join(root, 'out'))).toBe(false);
});

test('a zip with a link out of it is refused', async () => {
  const root = makeWorkspace();
  const build = await zipFile(join(root, 'app'), [['A.app/Info.plist', '/etc/passwd', 0o120777]]);
  await expect(unpackApp(build, env)).rejects.toThrow(/is a link to nothing inside/);
});

test.each([
  ['more bytes', { entries: 10, bytes: 1_000_000 }, 'it unpacks to more than 1000000 bytes'],
  ['more files', { entries: 1, bytes: 2 ** 30 }, 'it has more than 1 files'],
])('a bomb ends where it has %s than an app', async (_what, limits, why) => {
  const root = makeWorkspace();
  const zeros = '\0'.repeat(20_000_000);
  for (const build of [
    await zipFile(join(root, 'zip'), [
      ['a', zeros],
      ['b', ''],
    ]),
    await tarFile(join(root, 'tar'), [{ name: 'a', text: zeros }, { name: 'b' }]),
  ]) {
    const folder = join(dirname(build), `out-${build.slice(-3)}`);
    mkdirSync(folder);
    const { signal } = new AbortController();
    await expect(unpackArchive(build, folder, limits, env, signal)).rejects.toThrow(why);
    expect(readdirSync(folder)).toEqual(['a']);
  }
});

test('an Info.plist of any size is not read', async () => {
  const root = makeWorkspace();
  const build = await tarFile(join(root, 'tar'), [{ name: 'A.app/Info.plist', text: 'x'.repeat(2 ** 21) }]);
  await expect(unpackApp(build, env)).rejects.toThrow('its .app has no Info.plist that is a file');
});
