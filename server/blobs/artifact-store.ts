import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { type Expected, readRange, receiveFile } from './incoming-file.ts';
import { type JobFolders, jobFolders } from './job-folders.ts';

export interface ArtifactLimits {
  /** Bytes of one artifact; bytes and number of all artifacts of a job. */
  readonly fileBytes: number;
  readonly jobBytes: number;
  readonly jobFiles: number;
  /** Uploads are refused for now while they would leave less free bytes than this: verdicts need the disk more. */
  readonly keepFreeBytes: number;
}

export const artifactLimits: ArtifactLimits = {
  fileBytes: limits.artifactBytes,
  jobBytes: limits.artifactBytesPerJob,
  jobFiles: limits.artifactsPerJob,
  keepFreeBytes: 1024 ** 3,
};

/** Where the bytes of an artifact are. Both ids are made by the server; a name from outside is never part of a path. */
export interface ArtifactKey {
  readonly jobId: string;
  readonly artifactId: string;
}

/** Bytes that are on disk but belong to no artifact yet. */
export interface Received {
  readonly size: number;
  readonly sha256: string;
  /** Moves them to their final place. */
  keep(key: ArtifactKey): Promise<void>;
  /** Deletes them, unless they were kept. */
  discard(): Promise<void>;
}

/** The bytes of artifacts. */
export interface ArtifactStore {
  readonly jobs: JobFolders;
  readonly limits: ArtifactLimits;
  /**
   * Writes the bytes to disk as they come; a failed upload leaves no file. Errors: `too_large`, `invalid` (another
   * digest), `unavailable` while the disk is full, and the errors of the stream.
   */
  receive(chunks: AsyncIterable<Uint8Array>, expected: Expected): Promise<Received>;
  /** The bytes from `start` up to, but not including, `end`; read piece by piece, on demand. Errors: `not_found`. */
  read(key: ArtifactKey, start: number, end: number): Promise<AsyncIterable<Uint8Array>>;
  remove(key: ArtifactKey): Promise<void>;
  /** Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in. */
  removeLeftovers(): Promise<void>;
}

export function createFolderArtifacts(blobs: string, given: Partial<ArtifactLimits> = {}): ArtifactStore {
  const folder = join(blobs, 'artifacts');
  const incoming = join(folder, '.incoming');
  const own = { ...artifactLimits, ...given };
  const pathOf = ({ jobId, artifactId }: ArtifactKey) => join(folder, jobId, artifactId);

  return {
    limits: own,
    jobs: jobFolders(folder),
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
    removeLeftovers: () => rm(incoming, { recursive: true, force: true }),
  };
}
