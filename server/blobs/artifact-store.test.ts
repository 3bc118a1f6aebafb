import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/queue.ts';
import { createFolderArtifacts } from './artifact-store.ts';

const key = { jobId: 'job_1', artifactId: 'art_1' };
const whatever = { maxBytes: 1000, size: undefined, sha256: undefined };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** A stream that breaks off in the middle, like a lost connection. */
async function* cut(): AsyncGenerator<Uint8Array> {
  yield* chunks('half');
  throw new Error('cut');
}

function openArtifacts(limits = {}) {
  const folder = tempFolder();
  const store = createFolderArtifacts(folder, { keepFreeBytes: 0, ...limits });
  const files = () =>
    existsSync(join(folder, 'artifacts'))
      ? readdirSync(join(folder, 'artifacts'), { recursive: true, withFileTypes: true })
          .filter((one) => !one.isDirectory())
          .map((one) => one.name)
      : [];
  const read = async (start: number, end: number) =>
    (await buffer(await store.read(key, start, end))).toString();
  return { folder, store, files, read };
}

test('bytes are counted and digested as they come, kept under the key, and read from any offset', async () => {
  const { store, files, read } = openArtifacts();
  const received = await store.receive(chunks('one, ', '', 'two'), whatever);
  expect(received).toMatchObject({ size: 8, sha256: digest('one, two') });
  await received.keep(key);
  await received.discard();
  expect(files()).toEqual(['art_1']);
  expect([await read(0, 8), await read(5, 8), await read(1, 2), await read(8, 8)]).toEqual([
    'one, two',
    'two',
    'n',
    '',
  ]);
  await store.remove(key);
  expect(files()).toEqual([]);
  await expect(store.read(key, 0, 8)).rejects.toMatchObject({ code: 'not_found' });
});

test('nothing at all is an artifact too', async () => {
  const { store, read } = openArtifacts();
  const received = await store.receive(chunks(), { ...whatever, size: 0, sha256: digest('') });
  await received.keep(key);
  expect(await read(0, 0)).toBe('');
});

test('a file of many pieces is read back as it came', async () => {
  const { store } = openArtifacts();
  const piece = Buffer.alloc(70_000, 'abcdefg');
  async function* many() {
    for (let n = 0; n < 5; n += 1) yield piece;
  }
  const received = await store.receive(many(), { ...whatever, maxBytes: 350_000 });
  await received.keep(key);
  const all = Buffer.concat(Array(5).fill(piece));
  expect((await buffer(await store.read(key, 0, all.length))).equals(all)).toBe(true);
  const part = await buffer(await store.read(key, 69_999, 210_001));
  expect(part.equals(all.subarray(69_999, 210_001))).toBe(true);
});

test.each([
  ['that is cut', () => cut(), {}, { message: 'cut' }],
  ['over its limit', () => chunks('12345', '67'), { maxBytes: 6 }, { code: 'too_large' }],
  ['of another digest', () => chunks('one'), { sha256: digest('two') }, { code: 'invalid' }],
])('an upload %s leaves nothing', async (_, bytes, expected, error) => {
  const { store, files } = openArtifacts();
  await expect(store.receive(bytes(), { ...whatever, ...expected })).rejects.toMatchObject(error);
  expect(files()).toEqual([]);
});

test('an upload that is not kept leaves nothing', async () => {
  const { store, files } = openArtifacts();
  const received = await store.receive(chunks('one'), whatever);
  expect(files()).toHaveLength(1);
  await received.discard();
  expect(files()).toEqual([]);
});

test('a disk with too little room takes no upload, and is checked before the first byte', async () => {
  const { store, files } = openArtifacts({ keepFreeBytes: Number.MAX_SAFE_INTEGER });
  let asked = false;
  async function* bytes() {
    asked = true;
    yield new Uint8Array(1);
  }
  await expect(store.receive(bytes(), whatever)).rejects.toMatchObject({ code: 'unavailable' });
  const roomy = openArtifacts().store;
  const huge = { ...whatever, size: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER };
  await expect(roomy.receive(bytes(), huge)).rejects.toMatchObject({ code: 'unavailable' });
  expect([asked, files()]).toEqual([false, []]);
});

test('what a crash left of an upload is taken away at the start, what was kept stays', async () => {
  const { folder, store, files } = openArtifacts();
  await (await store.receive(chunks('one'), whatever)).keep(key);
  await store.receive(chunks('two'), whatever);
  expect(files()).toHaveLength(2);
  await createFolderArtifacts(folder).removeLeftovers();
  expect(files()).toEqual(['art_1']);
  // Also in a folder without any upload.
  rmSync(join(folder, 'artifacts'), { recursive: true });
  await createFolderArtifacts(folder).removeLeftovers();
});

test('a file that is shorter than it was ends the reading, not the process', async () => {
  const { folder, store } = openArtifacts();
  mkdirSync(join(folder, 'artifacts', 'job_1'), { recursive: true });
  writeFileSync(join(folder, 'artifacts', 'job_1', 'art_1'), 'half');
  await expect(buffer(await store.read(key, 0, 8))).rejects.toThrow('ends at 4, before 8');
});

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])(
  'a disk that answers %s is unavailable for now',
  async (code) => {
    const { store, files } = openArtifacts();
    async function* bytes() {
      yield* chunks('half');
      // The error that a write to such a disk throws.
      throw Object.assign(new Error(code), { code });
    }
    await expect(store.receive(bytes(), whatever)).rejects.toMatchObject({ code: 'unavailable' });
    expect(files()).toEqual([]);
  },
);
