import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EntryContent, type EntryHead, entryName } from './entry.ts';

/** What is being written; the number of the process says whose it is. */
export const halfSuffix = /\.(\d+)\.tmp$/;

/**
 * Puts a verdict on disk, mode 0600: when this resolves it is there after a power failure too, and nobody ever sees half
 * of it. Answers its path. Errors: those of the file system.
 */
export async function writeEntry(folder: string, { server, verdict, log }: EntryContent): Promise<string> {
  const size = log.bytes.length;
  const head: EntryHead = { version: 1, server, verdict, log: { offset: log.offset, size } };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, entryName(verdict));
  const half = `${path}.${process.pid}.tmp`;
  try {
    await writeSynced(half, [Buffer.from(`${JSON.stringify(head)}\n`), log.bytes]);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  return path;
}

async function writeSynced(path: string, parts: readonly Buffer[]): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name must be on disk as well. Not every system can open a folder; there the name comes soon by itself. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // The file itself is there.
  } finally {
    await handle?.close();
  }
}
