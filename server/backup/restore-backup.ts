import { chmodSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { QgjobError } from '../../protocol/errors.ts';
import type { BlobPlace } from '../blobs/open-blobs.ts';
import { syncFolder } from '../blobs/sync-folder.ts';
import { beginReplacing, endReplacing, isReplacing, mark } from '../db/check-database.ts';
import { lockDatabase } from '../db/lock-database.ts';
import { fillShared } from './fill-shared.ts';
import { type Unpacked, unpackBackup } from './unpack-backup.ts';

export interface RestoreOptions {
  /** The backup. */
  readonly bytes: Readable;
  readonly dataDir: string;
  /** The database file that it becomes. */
  readonly file: string;
  /** A database that is there is moved aside. */
  readonly force: boolean;
  /**
   * Where the files are kept that are not in the data folder. Once the backup was checked to its end they are added to what
   * is there, and logs of jobs that had not ended are replaced.
   */
  readonly shared?: BlobPlace | undefined;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
  /** Of this qgjob. */
  readonly version: string;
  readonly onProgress: (what: string, bytes: number) => void;
}

export interface Restored extends Unpacked {
  /** The folder of the data folder into which is moved what was there; it may not exist. */
  readonly aside: string;
  /** Folders with what was there before. */
  readonly movedTo: readonly string[];
}

/**
 * Makes a data folder of a backup. Nothing there or in a shared store is touched before the backup has been unpacked beside
 * it and checked to its end; then everything is put in place by renames, logs of a shared store right before. Where that is cut off, no server starts on the folder until a restore has ended.
 * Errors: `unavailable` (a server runs there), `conflict` (a database is there), those of `unpackBackup` and of the disk.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const dataDir = resolve(options.dataDir);
  const file = resolve(options.file);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { unlock } = lockDatabase(file);
  try {
    if (isThere(file) && !options.force && !isReplacing(file))
      throw new QgjobError(
        'conflict',
        `there is a database already, ${file}: restore into another --data-dir, or give --force, which moves it aside`,
      );
    for (const folder of [dataDir, dirname(file)]) await removeLeftovers(folder);
    return await replace({ ...options, dataDir, file });
  } finally {
    unlock();
  }
}

const endings = ['', '-wal', '-shm', '.check'];
const isThere = (file: string): boolean =>
  endings.slice(0, 2).some((ending) => existsSync(`${file}${ending}`));

const leftover = '.restore-';

/** What a restore left that was killed. Under the lock none is under way. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(leftover)) await rm(join(folder, name), { recursive: true, force: true });
}

async function replace(options: RestoreOptions): Promise<Restored> {
  const { bytes, dataDir, file, shared } = options;
  const fresh = await mkdtemp(join(dataDir, leftover));
  // Beside the file, which may be on another disk than the folder.
  const freshDatabase = await mkdtemp(join(dirname(file), leftover));
  try {
    const database = join(freshDatabase, 'qgjob.db');
    const blobs = join(fresh, 'blobs');
    const unpacked = await unpackBackup(bytes, { ...options, database, blobs });
    // From here on the old database does not fit to what is in the shared store.
    const begin = async (): Promise<void> => beginReplacing(file);
    const isFilled = shared && unpacked.manifest.files;
    await (isFilled ? fillShared({ database, unpacked: blobs, shared, now: options.now }, begin) : begin());
    const aside = asideName(options.now());
    const movedTo = await moveAside(options, aside);
    if (!shared && existsSync(blobs)) await rename(blobs, join(dataDir, 'blobs'));
    await rename(database, file);
    chmodSync(file, 0o600);
    // The first start looks at every page: the disk may have changed some.
    mark(file);
    for (const folder of new Set([dataDir, dirname(file)])) await syncFolder(folder);
    endReplacing(file);
    return { ...unpacked, movedTo, aside: join(dataDir, aside) };
  } finally {
    for (const folder of [fresh, freshDatabase]) await rm(folder, { recursive: true, force: true });
  }
}

const asideName = (now: number): string =>
  `before-restore-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;

/** Answers the folders into which something was moved. */
async function moveAside({ dataDir, file, shared }: RestoreOptions, name: string): Promise<string[]> {
  const olds = [
    ...endings.map((ending) => ({ path: `${file}${ending}`, to: join(dirname(file), name) })),
    ...(shared ? [] : [{ path: join(dataDir, 'blobs'), to: join(dataDir, name) }]),
  ].filter(({ path }) => existsSync(path));
  for (const { path, to } of olds) {
    await mkdir(to, { recursive: true, mode: 0o700 });
    await rename(path, join(to, basename(path)));
  }
  return [...new Set(olds.map(({ to }) => to))];
}
