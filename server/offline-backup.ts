import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { QgjobError } from '../protocol/errors.ts';
import { createBackups } from './backup/create-backups.ts';
import { snapshotFolder } from './backup/take-snapshot.ts';
import { blobPlaceOf } from './blob-settings.ts';
import { openBlobs } from './blobs/open-blobs.ts';
import { wallClock } from './clock.ts';
import { readSettings, type SettingFlags } from './config.ts';
import { fileOf } from './database-settings.ts';
import { mark } from './db/check-database.ts';
import { lockDatabase } from './db/lock-database.ts';
import { readVersion } from './version.ts';

/**
 * A backup of a data folder on which no server runs; `flags` by the names of the settings. Errors: `unavailable` (a server
 * runs there, no database is there, no room for a copy), `internal` with exit code 1 (damaged).
 */
export async function backUpOffline(
  flags: SettingFlags,
  options: { readonly withFiles: boolean },
): Promise<AsyncIterable<Uint8Array>> {
  const config = readSettings(flags);
  const [file, dataDir] = [resolve(fileOf(config, 'a backup')), resolve(config.data_dir)];
  if (!existsSync(file))
    throw new QgjobError('unavailable', `there is no database ${file}, and no server was found`);
  const { unlock, wasLeft } = lockDatabase(file);
  try {
    // The lock of a killed server says to the next one that it must look at every page.
    if (wasLeft) mark(file);
    const backups = createBackups({
      ...{ place: file, folder: snapshotFolder(dataDir), now: wallClock, version: readVersion() },
      blobs: await openBlobs(blobPlaceOf(config), { now: wallClock }),
    });
    return thenUnlock(await backups.read(options), unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function* thenUnlock(
  chunks: AsyncIterable<Uint8Array>,
  unlock: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    unlock();
  }
}
