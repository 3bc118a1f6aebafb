import { limits } from '../../protocol/limits.ts';
import type { DirectAccess } from './direct-access.ts';
import type { Expected } from './incoming-file.ts';
import type { JobFolders } from './job-folders.ts';
import type { RoomOfJobs } from './room-of-jobs.ts';

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

/** Bytes that came but belong to no artifact yet. */
export interface Received {
  readonly size: number;
  readonly sha256: string;
  /** Brings them to their final place. */
  keep(key: ArtifactKey): Promise<void>;
  /** Deletes them, unless they were kept. */
  discard(): Promise<void>;
}

/** The bytes of artifacts. */
export interface ArtifactStore {
  readonly jobs: JobFolders;
  readonly limits: ArtifactLimits;
  /** What uploads under way have of it. */
  readonly room: RoomOfJobs;
  /** Where callers may reach the files themselves; undefined: their bytes go through the server alone. */
  readonly direct?: DirectAccess<ArtifactKey>;
  /**
   * Writes the bytes to disk as they come; a failed upload leaves no file. Errors: `too_large`, `invalid` (another
   * digest), `unavailable` while the disk is full, and the errors of the stream.
   */
  receive(chunks: AsyncIterable<Uint8Array>, expected: Expected): Promise<Received>;
  /** The bytes from `start` up to, but not including, `end`; read piece by piece, on demand. Errors: `not_found`. */
  read(key: ArtifactKey, start: number, end: number): Promise<AsyncIterable<Uint8Array>>;
  remove(key: ArtifactKey): Promise<void>;
  /** The files that were not changed since `before` (epoch ms), some at a time. */
  listOld(before: number): AsyncIterable<readonly ArtifactKey[]>;
  /**
   * Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in; where other
   * servers may be uploading, with `before` (epoch ms): only what was not changed since.
   */
  removeLeftovers(before?: number): Promise<void>;
}
