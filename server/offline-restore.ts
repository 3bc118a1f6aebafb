import { mkdirSync, type ReadStream, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { QgjobError } from '../protocol/errors.ts';
import { readAdminToken } from './admin-token.ts';
import { matchesHash, parseToken } from './auth/token-format.ts';
import { type Restored, restoreBackup } from './backup/restore-backup.ts';
import { restoreRemote } from './backup/restore-remote.ts';
import { blobPlaceOf, isShared } from './blob-settings.ts';
import type { BlobPlace } from './blobs/open-blobs.ts';
import { wallClock } from './clock.ts';
import { readConfig, type SettingFlags } from './config.ts';
import { databasePlace } from './database-settings.ts';
import { openReader } from './db/snapshot.ts';
import { readVersion } from './version.ts';

interface Given {
  /** `-` is stdin. */
  readonly backup: string;
  readonly force: boolean;
  /** Files may go to where other servers keep theirs too. */
  readonly intoShared: boolean;
  readonly onProgress: (what: string, bytes: number) => void;
}

export interface RestoredFolder extends Omit<Restored, 'aside'> {
  /** The folder, or the address of the database. */
  readonly dataDir: string;
  /** The folder's admin.token is good for the restored database; false where there is none. */
  readonly hasToken: boolean;
}

/**
 * Makes a data folder of a backup; `flags` by the names of the settings. Errors: those of `restoreBackup`; `conflict` where
 * the files would go to a shared store and nobody said so.
 */
export async function restoreOffline(
  flags: SettingFlags,
  { backup, intoShared, ...given }: Given,
): Promise<RestoredFolder> {
  // Servers of one database share their files too, so those must be named.
  const config = readConfig(flags);
  const place = databasePlace(config);
  if (isShared(config) && !intoShared) throw sharedStore(blobPlaceOf(config));
  const bytes = backup === '-' ? process.stdin : await openBackup(backup);
  const options = {
    ...{ ...given, bytes, now: wallClock, version: readVersion(), dataDir: config.data_dir },
    shared: isShared(config) ? blobPlaceOf(config) : undefined,
  };
  try {
    if (typeof place !== 'string') {
      const filled = await restoreRemote({ ...options, place });
      return { ...filled, dataDir: place.url, hasToken: false, movedTo: [] };
    }
    const restored = await restoreBackup({ ...options, file: place });
    return { ...restored, dataDir: config.data_dir, ...settleToken(config.data_dir, place, restored) };
  } finally {
    // Where it was refused, not all of it has been read.
    bytes.destroy();
  }
}

function sharedStore({ folder, s3 }: BlobPlace): QgjobError {
  const where = s3 ? `the bucket ${s3.bucket} (QGJOB_S3_*)` : `${folder} (QGJOB_BLOB_DIR)`;
  return new QgjobError(
    'conflict',
    `the files would go to ${where}, which other servers may use: those of the backup are added there, and logs of jobs ` +
      'that had not ended at its moment are deleted. Where no server runs on it, give --into-shared-store. To try a backup, ' +
      'unset these variables: then the files go into the data folder',
  );
}

/** Errors: `invalid` where it cannot be read. */
async function openBackup(path: string): Promise<ReadStream> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? `there is no file ${path}` : error.message;
    throw new QgjobError('invalid', `the backup cannot be read: ${why}`);
  });
  return file.createReadStream({ highWaterMark: 2 ** 18 }) as ReadStream;
}

/** A token of another database would only be refused: it is moved aside too. */
function settleToken(
  dataDir: string,
  file: string,
  { movedTo, aside }: Restored,
): Pick<RestoredFolder, 'hasToken' | 'movedTo'> {
  const token = readAdminToken(dataDir);
  if (token === '') return { hasToken: false, movedTo };
  if (isOperators(token, resolve(file))) return { hasToken: true, movedTo };
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  renameSync(join(dataDir, 'admin.token'), join(aside, 'admin.token'));
  return { hasToken: false, movedTo: [...new Set([...movedTo, aside])] };
}

function isOperators(token: string, file: string): boolean {
  const parsed = parseToken(token);
  if (!parsed) return false;
  const reader = openReader(file);
  try {
    const sql = `SELECT hash FROM tokens WHERE id = ? AND revoked_at IS NULL`;
    const [row] = reader.rows(sql, [parsed.id]);
    return row !== undefined && matchesHash(parsed.secret, String(row.hash));
  } finally {
    reader.close();
  }
}
