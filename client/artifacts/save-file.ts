import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.ts';

/**
 * Writes a file below `root` as a whole or not at all. `way` must be relative and lead out of no folder. Errors: that a
 * link is on the way below `root`; those of `write` and of the file system.
 */
export async function saveFile(
  root: string,
  way: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const path = join(root, way);
  const folder = dirname(path);
  makeFolder(root, folder);
  const half = join(folder, `.qgjob-${randomUUID()}.part`);
  try {
    const file = await open(half, 'wx');
    try {
      await write(file);
    } finally {
      await file.close();
    }
    // A link in the place of the file is replaced, not followed.
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

/** Whether a plain file with this size and hash (hex) is there. */
export async function hasBytes(path: string, size: number, sha256: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.size !== size) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256;
}
