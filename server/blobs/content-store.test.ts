import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { allOf, blobKinds, openBlobLab } from '../../test/support/blob-kinds.ts';

/** All files are older. */
const later = Date.now() + 3_600_000;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyOf = (text: string, orgId = 'acme') => ({ orgId, sha256: digest(text) });

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

describe.each(blobKinds)('files by their content in a store of the kind %s', (kind) => {
  const open = async () => {
    const lab = await openBlobLab(kind);
    return { ...lab, store: lab.blobs.bundles };
  };

  test('a file is there for its org alone, under the hash of its bytes', async () => {
    const { store } = await open();
    const key = keyOf('packed');
    expect(await store.has(key)).toBeUndefined();
    expect(await store.keep(key, chunks('packed'), 6)).toEqual({ size: 6 });
    expect(await store.has(key)).toMatchObject({ size: 6 });
    const { size, chunks: bytes } = await store.read(key);
    expect([size, (await buffer(bytes)).toString()]).toEqual([6, 'packed']);
    expect(await store.has({ ...key, orgId: 'ACME' })).toBeUndefined();
    await expect(store.read(keyOf('other'))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('bytes of another hash are not kept, and leave nothing', async () => {
    const { store, files } = await open();
    await expect(store.keep(keyOf('one'), chunks('two'), 3)).rejects.toMatchObject({ code: 'invalid' });
    expect(await files('bundles')).toEqual([]);
  });

  test('a file whose hash is not known yet is given to an org, or to none', async () => {
    const { store, files } = await open();
    const file = await store.receive(chunks('build'), { size: 5 });
    expect(file).toMatchObject({ size: 5, sha256: digest('build') });
    await file.keep('acme');
    await file.discard();
    await (await store.receive(chunks('other'), { size: 5 })).discard();
    expect(await files('bundles')).toEqual([store.nameOf(keyOf('build'))]);
  });

  test('those that are old are listed by their names, and deleted by them', async () => {
    const { store, files } = await open();
    for (const text of ['one', 'two', 'three']) await store.keep(keyOf(text), chunks(text), undefined);
    const old = async (before: number) => (await allOf(store.listOld(before))).flat().sort();
    expect(await old(1000)).toEqual([]);
    expect(await old(later)).toEqual(['one', 'two', 'three'].map((text) => store.nameOf(keyOf(text))).sort());
    await store.remove([store.nameOf(keyOf('one')), store.nameOf(keyOf('two'))]);
    await store.remove([]);
    expect(await files('bundles')).toEqual([store.nameOf(keyOf('three'))]);
  });
});
