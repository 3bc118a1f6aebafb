import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Backups, createBackups } from './backup/create-backups.ts';
import { snapshotFolder } from './backup/take-snapshot.ts';
import type { Blobs } from './blobs/open-blobs.ts';
import type { ServerConfig } from './config.ts';
import { databasePlace, fileOf } from './database-settings.ts';
import { readVersion } from './version.ts';

/** Backups of a server that starts. Deletes the copies that one before it left when it was killed. */
export async function openBackups(config: ServerConfig, blobs: Blobs, now: () => number): Promise<Backups> {
  const folder = snapshotFolder(resolve(config.data_dir));
  await rm(folder, { recursive: true, force: true });
  if (typeof databasePlace(config) !== 'string')
    return { read: async () => fileOf(config, 'a backup') as never, stop: async () => undefined };
  return createBackups({
    ...{ file: resolve(fileOf(config, 'a backup')), folder, blobs, now, version: readVersion() },
  });
}
