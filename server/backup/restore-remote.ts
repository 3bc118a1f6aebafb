import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fillRemote, refuseFull } from '../db/fill-remote.ts';
import type { RemoteDatabase } from '../db/store.ts';
import { fillShared } from './fill-shared.ts';
import type { RestoreOptions } from './restore-backup.ts';
import { type Unpacked, unpackBackup } from './unpack-backup.ts';

type Options = Pick<RestoreOptions, 'bytes' | 'dataDir' | 'version' | 'now' | 'shared' | 'onProgress'> & {
  readonly place: RemoteDatabase;
};

/**
 * Fills the empty database of a libSQL server, and the files that several servers share, from a backup. It is unpacked and
 * checked in the data folder first. Errors: those of `unpackBackup` and `fillRemote`.
 */
export async function restoreRemote({ place, shared, ...options }: Options): Promise<Unpacked> {
  await refuseFull(place);
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(join(dataDir, '.restore-'));
  try {
    const database = join(fresh, 'qgjob.db');
    const blobs = join(fresh, 'blobs');
    const unpacked = await unpackBackup(options.bytes, { ...options, database, blobs });
    const fill = () => fillRemote(place, database);
    const isFilled = shared && unpacked.manifest.files;
    await (isFilled ? fillShared({ database, unpacked: blobs, shared, now: options.now }, fill) : fill());
    return unpacked;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
