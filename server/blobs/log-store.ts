import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { JobFolders } from './job-folders.ts';

/** The logs of attempts, which only grow. */
export interface LogStore {
  readonly jobs: JobFolders;
  /** How much should be read at once where a read costs a call. */
  readonly pieceBytes?: number;
  /**
   * Appends bytes that begin at `offset`. Bytes that the log already has are skipped, so a repeat does no harm.
   * Answers the size of the log. Errors: `conflict` with `details.size` for a gap, `too_large` above the limit,
   * `unavailable` while the disk is full or the object store is away.
   */
  append(jobId: string, attempt: number, offset: number, bytes: Uint8Array): Promise<number>;
  /** The bytes from `offset` up to, but not including, `end`, absent: up to the end; empty where there are none. */
  read(jobId: string, attempt: number, offset: number, end?: number): Promise<Uint8Array>;
  /** How many bytes it has; 0 where there is no log. */
  size(jobId: string, attempt: number): Promise<number>;
}

/** What of an append is new to a log of this size. Errors: `conflict`, `too_large`. */
export function freshBytes(size: number, offset: number, bytes: Uint8Array): Uint8Array {
  if (offset > size) {
    throw new QgjobError('conflict', `the log has ${size} bytes; send from there`, { details: { size } });
  }
  if (offset + bytes.length > limits.logBytes) {
    throw new QgjobError('too_large', `a log has at most ${limits.logBytes} bytes; leave its middle out`);
  }
  return bytes.subarray(size - offset);
}
