import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError } from '../disk-error.ts';
import { TurnsByKey } from '../in-turn.ts';
import { freshBytes, type LogStore } from '../log-store.ts';
import { folderJobs } from './folder-jobs.ts';

/** The logs of attempts in a folder: one file each. */
export function createFolderLogs(folder: string): LogStore {
  const path = (jobId: string, attempt: number) => join(folder, 'logs', jobId, `${attempt}.log`);
  // One append at a time per file, since two at once would see the same size.
  const turns = new TurnsByKey();

  return {
    jobs: folderJobs(join(folder, 'logs')),
    append: (jobId, attempt, offset, bytes) =>
      turns.run(path(jobId, attempt), () => appendAt(path(jobId, attempt), offset, bytes)),
    read: (jobId, attempt, offset, end) => readFrom(path(jobId, attempt), offset, end),
    size: (jobId, attempt) => sizeOf(path(jobId, attempt)),
  };
}

async function appendAt(path: string, offset: number, bytes: Uint8Array): Promise<number> {
  const size = await sizeOf(path);
  const fresh = freshBytes(size, offset, bytes);
  if (fresh.length === 0) return size;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // At its place, not at the end: another server with the same folder may be writing the same bytes.
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    await writeAt(file, fresh, size);
  } catch (error) {
    throw diskError(error, 'logs');
  } finally {
    await file.close();
  }
  return size + fresh.length;
}

async function writeAt(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

async function readFrom(path: string, offset: number, end = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const length = Math.min(end, await sizeOf(path)) - offset;
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
