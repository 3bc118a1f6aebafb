import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Backups, createBackups } from './backup/create-backups.ts';
import { snapshotFolder } from './backup/take-snapshot.ts';
import type { Blobs } from './blobs/open-blobs.ts';
import type { ServerConfig } from './config.ts';
import { databasePlace } from './database-settings.ts';
import { readVersion } from './version.ts';

/** Backups of a server that starts. Deletes the copies that one before it left when it was killed. */
export async function openBackups(config: ServerConfig, blobs: Blobs, now: () => number): Promise<Backups> {
  const folder = snapshotFolder(resolve(config.data_dir));
  await rm(folder, { recursive: true, force: true });
  const given = databasePlace(config);
  const place = typeof given === 'string' ? resolve(given) : given;
  return createBackups({ ...{ place, folder, blobs, now, version: readVersion() } });
}
