import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobFolders } from '../job-folders.ts';

/** `folder`: absolute; made by the first file. A folder that begins with a dot is no job's. */
export function folderJobs(folder: string): JobFolders {
  return {
    async list(before) {
      const ids: string[] = [];
      for (const id of await namesIn(folder)) {
        if (!id.startsWith('.') && (await changedAt(join(folder, id))) < before) ids.push(id);
      }
      return ids;
    },
    async remove(jobId, before = Number.POSITIVE_INFINITY) {
      const path = join(folder, jobId);
      if (before !== Number.POSITIVE_INFINITY && (await changedAt(path)) >= before) return 0;
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
