import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { allOf, type BlobKind, blobKinds, openBlobLab } from '../../test/support/blob-kinds.ts';

const key = { jobId: 'job_1', artifactId: 'art_1' };
const whatever = { maxBytes: 1000, size: undefined, sha256: undefined };
/** All files are older. */
const later = Date.now() + 3_600_000;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** A stream that breaks off in the middle, like a lost connection. */
async function* cut(): AsyncGenerator<Uint8Array> {
  yield* chunks('half');
  throw new Error('cut');
}

async function openArtifacts(kind: BlobKind, given = {}) {
  const lab = await openBlobLab(kind, given);
  const store = lab.blobs.artifacts;
  /** The names of uploads have no / in them. */
  const files = async () =>
    [...(await lab.files('artifacts')), ...(await lab.files('.incoming'))].map((name) =>
      name.split('/').at(-1),
    );
  const read = async (start: number, end: number) =>
    (await buffer(await store.read(key, start, end))).toString();
  return { ...lab, store, files, read };
}

describe.each(blobKinds)('artifacts in a store of the kind %s', (kind) => {
  test('bytes are counted and digested as they come, kept under the key, and read from any offset', async () => {
    const { store, files, read } = await openArtifacts(kind);
    const received = await store.receive(chunks('one, ', '', 'two'), whatever);
    expect(received).toMatchObject({ size: 8, sha256: digest('one, two') });
    await received.keep(key);
    await received.discard();
    expect(await files()).toEqual(['art_1']);
    expect([await read(0, 8), await read(5, 8), await read(1, 2), await read(8, 8)]).toEqual([
      ...['one, two', 'two', 'n', ''],
    ]);
    await store.remove(key);
    expect(await files()).toEqual([]);
    await expect(store.read(key, 0, 8)).rejects.toMatchObject({ code: 'not_found' });
    await store.remove(key);
  });

  test('nothing at all is an artifact too', async () => {
    const { store, read } = await openArtifacts(kind);
    const received = await store.receive(chunks(), { ...whatever, size: 0, sha256: digest('') });
    await received.keep(key);
    await received.discard();
    expect(await read(0, 0)).toBe('');
  });

  test('a file of many pieces is read back as it came', async () => {
    const { store } = await openArtifacts(kind);
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
    const { store, files } = await openArtifacts(kind);
    await expect(store.receive(bytes(), { ...whatever, ...expected })).rejects.toMatchObject(error);
    expect(await files()).toEqual([]);
  });

  test('an upload that is not kept leaves nothing', async () => {
    const { store, files } = await openArtifacts(kind);
    const received = await store.receive(chunks('one'), whatever);
    await received.discard();
    expect(await files()).toEqual([]);
  });

  test('a disk with too little room takes no upload, and is checked before the first byte', async () => {
    const { store } = await openArtifacts(kind, { keepFreeBytes: Number.MAX_SAFE_INTEGER });
    let asked = false;
    async function* bytes() {
      asked = true;
      yield new Uint8Array(1);
    }
    await expect(store.receive(bytes(), whatever)).rejects.toMatchObject({ code: 'unavailable' });
    const roomy = (await openArtifacts(kind)).store;
    const huge = { ...whatever, size: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER };
    await expect(roomy.receive(bytes(), huge)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toBe(false);
  });

  test('what a crash left of an upload is taken away at the start, what was kept stays', async () => {
    const { store, files } = await openArtifacts(kind);
    await (await store.receive(chunks('one'), whatever)).keep(key);
    await store.receive(chunks('two'), whatever);
    // Where other servers use the folder too, only what is old.
    await store.removeLeftovers(1000);
    await store.removeLeftovers();
    expect(await files()).toEqual(['art_1']);
    // Also without any upload.
    await store.removeLeftovers();
    await store.removeLeftovers(1000);
  });

  test('those that are old are listed, the artifacts of a job are deleted together', async () => {
    const { store } = await openArtifacts(kind);
    const keep = async (jobId: string, artifactId: string) =>
      (await store.receive(chunks('12345'), whatever)).keep({ jobId, artifactId });
    await Promise.all([keep('job_1', 'art_1'), keep('job_1', 'art_2'), keep('job_2', 'art_3')]);
    const old = async (before: number) => (await allOf(store.listOld(before))).flat();
    expect(await old(1000)).toEqual([]);
    expect((await old(later)).map(({ artifactId }) => artifactId).sort()).toEqual([
      'art_1',
      'art_2',
      'art_3',
    ]);
    expect((await store.jobs.list(later)).sort()).toEqual(['job_1', 'job_2']);
    expect([await store.jobs.remove('job_1'), await store.jobs.size()]).toEqual([10, 5]);
  });
});

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])(
  'a disk that answers %s is unavailable for now',
  async (code) => {
    const { store, files } = await openArtifacts('folder');
    async function* bytes() {
      yield* chunks('half');
      // The error that a write to such a disk throws.
      throw Object.assign(new Error(code), { code });
    }
    await expect(store.receive(bytes(), whatever)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await files()).toEqual([]);
  },
);
