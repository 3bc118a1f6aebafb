import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders in which a store keeps the files of jobs, one for each job. */
export interface JobFolders {
  /** The ids of the jobs that have a folder which was not changed since `before` (epoch ms). */
  list(before: number): Promise<string[]>;
  /** Deletes the files of a job. Answers how many bytes that freed. */
  remove(jobId: string): Promise<number>;
  /** Bytes of all files, those of uploads that are under way too. */
  size(): Promise<number>;
}

/** `folder`: absolute; made by the first file. A folder that begins with a dot is no job's. */
export function jobFolders(folder: string): JobFolders {
  return {
    async list(before) {
      const ids: string[] = [];
      for (const id of await namesIn(folder)) {
        if (!id.startsWith('.') && (await changedAt(join(folder, id))) < before) ids.push(id);
      }
      return ids;
    },
    async remove(jobId) {
      const path = join(folder, jobId);
      const bytes = await sizeOf(path);
      await rm(path, { recursive: true, force: true });
      return bytes;
    },
    size: () => sizeOf(folder),
  };
}

/** Bytes of all files below a folder. What is gone meanwhile has none. */
export async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    bytes += found?.isDirectory() ? await sizeOf(path) : (found?.size ?? 0);
  }
  return bytes;
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const changedAt = (path: string): Promise<number> =>
  lstat(path).then(
    (found) => found.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
