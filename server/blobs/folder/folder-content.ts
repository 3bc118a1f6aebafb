import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../../protocol/errors.ts';
import { type ContentKey, type ContentKind, type ContentStore, contentName } from '../content-store.ts';
import { TurnsByKey } from '../in-turn.ts';
import { readRange, receiveFile, removeLeftovers } from '../incoming-file.ts';
import { keepReceived } from '../keep-received.ts';

/** Files by the hash of their bytes, in a folder of `blobs`. While the disk has less than `keepFreeBytes` left, uploads are put off. */
export function createFolderContent(
  blobs: string,
  kind: ContentKind,
  keepFreeBytes = 1024 ** 3,
): ContentStore {
  const { name, maxBytes } = kind;
  const incoming = join(blobs, name, '.incoming');
  const turns = new TurnsByKey();
  const nameOf = (key: ContentKey) => contentName(kind, key);
  const pathOf = (key: ContentKey) => join(blobs, nameOf(key));

  const receive: ContentStore['receive'] = async (chunks, { size, sha256 }) => {
    const expected = { maxBytes, size, sha256 };
    const file = await receiveFile(incoming, chunks, expected, { keepFreeBytes, what: name });
    return { ...file, keep: (orgId) => file.moveTo(pathOf({ orgId, sha256: file.sha256 })) };
  };

  return {
    receive,
    keep: keepReceived(receive),
    async has(key) {
      const found = await stat(pathOf(key)).catch(() => undefined);
      return found && { size: found.size };
    },
    async read(key) {
      const path = pathOf(key);
      const found = await stat(path).catch(() => undefined);
      if (!found) throw new QgjobError('not_found', `the bytes of ${key.sha256} are gone from the ${name}`);
      return { size: found.size, chunks: readRange(path, 0, found.size) };
    },
    nameOf,
    inTurn: (key, work) => turns.run(nameOf(key), work),
    remove: async (names) => {
      for (const one of names) await rm(join(blobs, one), { force: true });
    },
    listOld: (before) => listOld(blobs, name, before),
    removeLeftovers: (before) => removeLeftovers(incoming, before),
  };
}

async function* listOld(blobs: string, kind: string, before: number): AsyncGenerator<string[]> {
  const orgs = (await readdir(join(blobs, kind)).catch(() => [])).filter((name) => !name.startsWith('.'));
  for (const org of orgs) {
    const old: string[] = [];
    for (const name of await readdir(join(blobs, kind, org)).catch(() => [])) {
      const found = await stat(join(blobs, kind, org, name)).catch(() => undefined);
      if (found?.isFile() && found.mtimeMs < before) old.push(`${kind}/${org}/${name}`);
    }
    if (old.length > 0) yield old;
  }
}
