import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { diskError } from './disk-error.ts';

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

/** What is known of an upload before its bytes come. */
export interface Expected {
  readonly maxBytes: number;
  readonly size: number | undefined;
  /** Hex. */
  readonly sha256: string | undefined;
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
    async receive(chunks, expected) {
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      await checkFree(incoming, own.keepFreeBytes + (expected.size ?? 0));
      const path = join(incoming, randomUUID());
      const discard = () => rm(path, { force: true });
      try {
        const written = await write(path, chunks, expected);
        return { ...written, discard, keep: (key) => moveInto(path, pathOf(key)) };
      } catch (error) {
        await discard();
        throw diskError(error, 'artifacts');
      }
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

async function checkFree(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new QgjobError(
    'unavailable',
    'the disk of the artifacts is nearly full: uploads are put off, all else goes on',
  );
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>, { maxBytes, sha256 }: Expected) {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes)
        throw new QgjobError('too_large', `the file is larger than the ${maxBytes} bytes it may have`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const digest = hash.digest('hex');
  if (sha256 === undefined || digest === sha256) return { size, sha256: digest };
  throw new QgjobError(
    'invalid',
    `sha256: the bytes that came have another one, ${digest}; send the file again`,
  );
}

/** Syncs the folders too, so that an acknowledged file survives a power cut. */
async function moveInto(path: string, target: string): Promise<void> {
  const folder = dirname(target);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(path, target);
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(folder));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const chunkBytes = 64 * 1024;

async function* readRange(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    for (let at = start; at < end; ) {
      file ??= await open(path, 'r');
      const size = Math.min(chunkBytes, end - at);
      const { bytesRead, buffer } = await file.read(new Uint8Array(size), 0, size, at);
      if (bytesRead === 0) throw new Error(`${path} ends at ${at}, before ${end}`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file?.close();
  }
}
