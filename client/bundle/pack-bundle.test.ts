import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packBundle } from './pack-bundle.ts';
import type { BundleFile } from './resolve-files.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-pack-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function makeFile(
  folder: string,
  path: string,
  bytes: Uint8Array | string,
  isExecutable = false,
): BundleFile {
  const file = join(folder, path.replaceAll('/', '~'));
  writeFileSync(file, bytes);
  return { path, file, bytes: Buffer.byteLength(bytes as never), isExecutable };
}

async function pack(files: readonly BundleFile[]): Promise<{ bytes: Buffer; sha256: string }> {
  const bundle = await packBundle(files);
  const bytes = Buffer.from(await bundle.blob.arrayBuffer());
  await bundle.dispose();
  return { bytes, sha256: bundle.sha256 };
}

test('a bundle holds the bytes of its files, under their paths, and nothing of when and whose', async () => {
  const folder = makeFolder();
  const long = `${'deep/'.repeat(60)}ä.ts`;
  const large = Buffer.alloc(9 * 2 ** 20, 'large');
  const { bytes, sha256 } = await pack([
    makeFile(folder, 'a.ts', 'abc'),
    makeFile(folder, 'empty', ''),
    makeFile(folder, 'large.bin', large),
    makeFile(folder, 'run.sh', 'x', true),
    { ...makeFile(folder, 'long', 'long'), path: long },
  ]);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  const entries = await unpackTar(gunzipSync(bytes));
  expect(
    entries.map(({ header, data }) => [
      header.name,
      header.mode,
      header.mtime?.getTime(),
      header.uid,
      data?.length,
    ]),
  ).toEqual([
    ['a.ts', 0o644, 0, 0, 3],
    ['empty', 0o644, 0, 0, 0],
    ['large.bin', 0o644, 0, 0, large.length],
    ['run.sh', 0o755, 0, 0, 1],
    [long, 0o644, 0, 0, 4],
  ]);
  expect(large.equals(entries[2]?.data ?? Buffer.alloc(0))).toBe(true);
});

test('the same files give the same bundle, whenever they were written', async () => {
  const [one, other] = [makeFolder(), makeFolder()].map((folder) => makeFile(folder, 'a.ts', 'abc'));
  utimesSync(other?.file ?? '', 1, 1);
  const [first, second] = [await pack([one as BundleFile]), await pack([other as BundleFile])];
  expect(first.sha256).toBe(second.sha256);
});

test('what is too large is refused before it is packed, with the largest files by name', async () => {
  const file = makeFile(makeFolder(), 'video.mp4', '');
  await expect(packBundle([{ ...file, bytes: 2 * 2 ** 30 }])).rejects.toMatchObject({
    code: 'too_large',
    message: expect.stringMatching(/2048 MiB of files, at most 1024.*video\.mp4 \(2048 MiB\).*\.qgjobignore/),
  });
  await expect(packBundle(Array(100_001).fill(file))).rejects.toMatchObject({ code: 'too_large' });
});

test('a file that is gone is an error that names it, and leaves nothing behind', async () => {
  const temporary = mkdirSync(join(makeFolder(), 'tmp'), { recursive: true }) as string;
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const gone = { path: 'gone.ts', file: join(temporary, 'none'), bytes: 3, isExecutable: false };
  await expect(packBundle([gone])).rejects.toMatchObject({ message: expect.stringMatching(/gone\.ts/) });
  expect(readdirSync(temporary)).toEqual([]);
});

test.each<[what: string, now: Uint8Array | undefined, why: string]>([
  ['gone', undefined, 'it was removed while it was packed; submit again'],
  ['shorter', Buffer.alloc(2 ** 20), 'it changed while it was packed; submit again'],
  ['longer', Buffer.alloc(9 * 2 ** 20), 'it changed while it was packed; submit again'],
])('a large file that is %s when it is packed is an error in plain words', async (_, now, why) => {
  const folder = makeFolder();
  const file = makeFile(folder, 'big.bin', Buffer.alloc(8 * 2 ** 20));
  rmSync(file.file);
  if (now) writeFileSync(file.file, now);
  await expect(packBundle([file])).rejects.toMatchObject({
    code: 'invalid',
    message: `big.bin cannot be packed: ${why}`,
  });
});

test('its file goes when it is disposed of', async () => {
  const bundle = await packBundle([makeFile(makeFolder(), 'a', 'a')]);
  await bundle.dispose();
  await expect(bundle.blob.arrayBuffer()).rejects.toThrow();
});
