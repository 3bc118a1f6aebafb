import { QgjobError } from '../../../protocol/errors.ts';
import { type ContentKey, type ContentKind, type ContentStore, contentName } from '../content-store.ts';
import { TurnsByKey } from '../in-turn.ts';
import { receiveFile, removeLeftovers } from '../incoming-file.ts';
import { keepReceived } from '../keep-received.ts';
import { deleteObjects, headObject, listObjects, openObject, putFile } from './objects.ts';
import type { S3Client } from './s3-client.ts';
import { type Abilities, s3Direct } from './s3-direct.ts';

/** Files by the hash of their bytes, in a bucket. Those that come through the server lie in `incoming` first. */
export function createS3Content(
  s3: S3Client,
  incoming: string,
  abilities: Abilities,
  kind: ContentKind,
  keepFreeBytes = 1024 ** 3,
): ContentStore {
  const { name, maxBytes } = kind;
  const turns = new TurnsByKey();
  const nameOf = (key: ContentKey) => contentName(kind, key);
  const direct = s3Direct<ContentKey>(s3, abilities, nameOf, true);

  const receive: ContentStore['receive'] = async (chunks, { size, sha256 }) => {
    const expected = { maxBytes, size, sha256 };
    const file = await receiveFile(incoming, chunks, expected, { keepFreeBytes, what: name });
    return { ...file, keep: (orgId) => putFile(s3, nameOf({ orgId, sha256: file.sha256 }), file) };
  };

  return {
    ...(direct && { direct }),
    receive,
    keep: keepReceived(receive),
    has: (key) => headObject(s3, nameOf(key)),
    async read(key) {
      const opened = await openObject(s3, nameOf(key));
      if (opened) return opened;
      throw new QgjobError('not_found', `the bytes of ${key.sha256} are gone from the ${name}`);
    },
    nameOf,
    inTurn: (key, work) => turns.run(nameOf(key), work),
    remove: (names) => deleteObjects(s3, names),
    listOld: (before) => listOld(s3, `${name}/`, before),
    removeLeftovers: (before) => removeLeftovers(incoming, before),
  };
}

async function* listOld(s3: S3Client, folder: string, before: number): AsyncGenerator<string[]> {
  for await (const objects of listObjects(s3, folder))
    yield objects.filter(({ changedAt }) => changedAt < before).map(({ key }) => key);
}
