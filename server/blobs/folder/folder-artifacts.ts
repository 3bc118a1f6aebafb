import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../../protocol/errors.ts';
import {
  type ArtifactKey,
  type ArtifactLimits,
  type ArtifactStore,
  artifactLimits,
} from '../artifact-store.ts';
import { readRange, receiveFile, removeLeftovers } from '../incoming-file.ts';
import { RoomOfJobs } from '../room-of-jobs.ts';
import { folderJobs } from './folder-jobs.ts';

/** The bytes of artifacts in a folder: one folder for each job. */
export function createFolderArtifacts(blobs: string, given: Partial<ArtifactLimits> = {}): ArtifactStore {
  const folder = join(blobs, 'artifacts');
  const incoming = join(folder, '.incoming');
  const own = { ...artifactLimits, ...given };
  const pathOf = ({ jobId, artifactId }: ArtifactKey) => join(folder, jobId, artifactId);

  return {
    limits: own,
    room: new RoomOfJobs(own),
    jobs: folderJobs(folder),
    async receive(chunks, expected) {
      const { keepFreeBytes } = own;
      const file = await receiveFile(incoming, chunks, expected, { keepFreeBytes, what: 'artifacts' });
      return { ...file, keep: (key) => file.moveTo(pathOf(key)) };
    },
    async read(key, start, end) {
      const path = pathOf(key);
      await stat(path).catch(() => {
        throw new QgjobError('not_found', `the bytes of artifact ${key.artifactId} are gone`);
      });
      return readRange(path, start, end);
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    listOld: (before) => listOld(folder, before),
    removeLeftovers: (before) => removeLeftovers(incoming, before),
  };
}

async function* listOld(folder: string, before: number): AsyncGenerator<ArtifactKey[]> {
  for (const jobId of (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'))) {
    const old: ArtifactKey[] = [];
    for (const artifactId of await readdir(join(folder, jobId)).catch(() => [])) {
      const found = await stat(join(folder, jobId, artifactId)).catch(() => undefined);
      if (found?.isFile() && found.mtimeMs < before) old.push({ jobId, artifactId });
    }
    if (old.length > 0) yield old;
  }
}
