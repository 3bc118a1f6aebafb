import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';

/** A file that is there under its name only once it is whole. */
export interface WholeFile {
  readonly handle: FileHandle;
  /** Gives it its name, on the disk for good. */
  keep(): Promise<void>;
  /** Deletes it, unless it was kept. */
  discard(): Promise<void>;
}

/** For its owner alone. Errors: `conflict` where the file is there, unless `force`; the system's. */
export async function openWhole(path: string, force: boolean): Promise<WholeFile> {
  const target = resolve(path);
  if (!force && existsSync(target)) throw isThere(path);
  const half = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  const handle = await open(half, 'wx', 0o600);
  const discard = async (): Promise<void> => {
    await handle.close().catch(() => undefined);
    await rm(half, { force: true });
  };
  return {
    handle,
    discard,
    async keep() {
      await handle.sync();
      await handle.close();
      if (force) await rename(half, target);
      else await linkOnce(half, target, path);
      await syncFolder(dirname(target));
    },
  };
}

/** A rename would replace a file that has come meanwhile. */
async function linkOnce(half: string, target: string, path: string): Promise<void> {
  await link(half, target).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? isThere(path) : error;
  });
  await rm(half);
}

const isThere = (path: string): QgjobError =>
  new QgjobError('conflict', `${path} is there already; name another file, or give --force to replace it`);

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
