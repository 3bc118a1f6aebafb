import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { diskError } from './disk-error.ts';
import { TurnsByKey } from './in-turn.ts';
import { type JobFolders, jobFolders } from './job-folders.ts';

/** The logs of attempts: one file each, which only grows. */
export interface LogStore {
  readonly jobs: JobFolders;
  /**
   * Appends bytes that begin at `offset`. Bytes that the file already has are skipped, so a repeat does no harm.
   * Answers the size of the file. Errors: `conflict` with `details.size` for a gap, `too_large` above the limit,
   * `unavailable` while the disk is full.
   */
  append(jobId: string, attempt: number, offset: number, bytes: Uint8Array): Promise<number>;
  /** The bytes from `offset` on; empty where there are none. */
  read(jobId: string, attempt: number, offset: number): Promise<Uint8Array>;
}

export function createFolderLogs(folder: string): LogStore {
  const path = (jobId: string, attempt: number) => join(folder, 'logs', jobId, `${attempt}.log`);
  // One append at a time per file, since two at once would see the same size.
  const turns = new TurnsByKey();

  return {
    jobs: jobFolders(join(folder, 'logs')),
    append: (jobId, attempt, offset, bytes) =>
      turns.run(path(jobId, attempt), () => appendAt(path(jobId, attempt), offset, bytes)),
    read: (jobId, attempt, offset) => readFrom(path(jobId, attempt), offset),
  };
}

async function appendAt(path: string, offset: number, bytes: Uint8Array): Promise<number> {
  const size = await sizeOf(path);
  if (offset > size) {
    throw new QgjobError('conflict', `the log has ${size} bytes; send from there`, { details: { size } });
  }
  if (offset + bytes.length > limits.logBytes) {
    throw new QgjobError('too_large', `a log has at most ${limits.logBytes} bytes; leave its middle out`);
  }
  const fresh = bytes.subarray(size - offset);
  if (fresh.length === 0) return size;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a');
  try {
    await file.writeFile(fresh);
  } catch (error) {
    throw diskError(error, 'logs');
  } finally {
    await file.close();
  }
  return size + fresh.length;
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  const length = (await sizeOf(path)) - offset;
  if (length <= 0) return new Uint8Array(0);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
