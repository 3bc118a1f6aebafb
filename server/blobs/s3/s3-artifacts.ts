import { QgjobError } from '../../../protocol/errors.ts';
import {
  type ArtifactKey,
  type ArtifactLimits,
  type ArtifactStore,
  artifactLimits,
} from '../artifact-store.ts';
import { receiveFile, removeLeftovers } from '../incoming-file.ts';
import { RoomOfJobs } from '../room-of-jobs.ts';
import { deleteObjects, listObjects, openObject, putFile } from './objects.ts';
import type { S3Client } from './s3-client.ts';
import { type Abilities, s3Direct } from './s3-direct.ts';
import { s3Jobs } from './s3-jobs.ts';

const folder = 'artifacts/';
const keyOf = ({ jobId, artifactId }: ArtifactKey): string => `${folder}${jobId}/${artifactId}`;

/** The bytes of artifacts in a bucket. Those that come through the server lie in `incoming` first. */
export function createS3Artifacts(
  s3: S3Client,
  incoming: string,
  abilities: Abilities,
  given: Partial<ArtifactLimits> = {},
): ArtifactStore {
  const own = { ...artifactLimits, ...given };
  const direct = s3Direct<ArtifactKey>(s3, abilities, keyOf);
  return {
    limits: own,
    room: new RoomOfJobs(own),
    jobs: s3Jobs(s3, folder),
    ...(direct && { direct }),
    async receive(chunks, expected) {
      const { keepFreeBytes } = own;
      const file = await receiveFile(incoming, chunks, expected, { keepFreeBytes, what: 'artifacts' });
      return { ...file, keep: (key) => putFile(s3, keyOf(key), file) };
    },
    async read(key, start, end) {
      const opened = await openObject(s3, keyOf(key), { start, end });
      if (opened) return opened.chunks;
      throw new QgjobError('not_found', `the bytes of artifact ${key.artifactId} are gone`);
    },
    remove: (key) => deleteObjects(s3, [keyOf(key)]),
    listOld: (before) => listOld(s3, before),
    removeLeftovers: (before) => removeLeftovers(incoming, before),
  };
}

async function* listOld(s3: S3Client, before: number): AsyncGenerator<ArtifactKey[]> {
  for await (const objects of listObjects(s3, folder)) {
    yield objects.flatMap(({ key, changedAt }) => {
      const [jobId = '', artifactId = ''] = key.slice(folder.length).split('/');
      return changedAt < before && artifactId !== '' ? [{ jobId, artifactId }] : [];
    });
  }
}
