import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { BackupEnd, BackupFailed, BackupManifest, backupEntries } from '../../protocol/backup.ts';
import { openBlobs } from '../blobs/open-blobs.ts';
import { findWhyUnusable } from '../db/check-copy.ts';
import { endSessions } from '../db/end-sessions.ts';
import { knownSchemas } from '../db/schema-name.ts';
import { openReader } from '../db/snapshot.ts';
import { BlobKeeper } from './keep-blob.ts';
import { badBackup, type Entry, readEntries, readJson } from './read-entries.ts';

export interface Unpacked {
  readonly manifest: BackupManifest;
  readonly end: BackupEnd;
  /** Files whose bytes are not those of their row any more: left out. */
  readonly spoilt: number;
}

interface Into {
  /** A file that is not there yet. */
  readonly database: string;
  /** A folder for the files that is not there yet. */
  readonly blobs: string;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
  /** Of this qgjob. */
  readonly version: string;
  readonly onProgress: (what: string, bytes: number) => void;
}

/**
 * Unpacks a backup; sessions of browsers end by it. Only what the rows of its database name is written, each to the place that the name means. Errors:
 * `internal` with exit code 1 (not a backup, cut off, damaged, of a newer version), those of the disk.
 */
export async function unpackBackup(bytes: Readable, into: Into): Promise<Unpacked> {
  const entries = readEntries(bytes);
  const next = async (): Promise<Entry> => {
    const { value } = await entries.next();
    if (value === undefined) throw badBackup('it is cut off');
    if (value.name === backupEntries.failed) throw badBackup((await readJson(value, BackupFailed)).message);
    return value;
  };
  try {
    const manifest = await readManifest(await next(), into.version);
    await keepDatabase(await next(), manifest, into);
    return { manifest, ...(await keepFiles(next, into)) };
  } finally {
    await entries.return(undefined);
  }
}

async function readManifest(entry: Entry, version: string): Promise<BackupManifest> {
  if (entry.name !== backupEntries.manifest) throw badBackup('it is no backup of qgjob');
  const manifest = await readJson(entry, BackupManifest);
  const newest = knownSchemas().at(-1)?.made_at ?? 0;
  if (manifest.schema.made_at > newest)
    throw badBackup(
      `it was made by a newer version of qgjob, ${manifest.version}, and this is ${version}: restore it with that version`,
    );
  return manifest;
}

async function keepDatabase(entry: Entry, { database: made }: BackupManifest, into: Into): Promise<void> {
  if (entry.name !== backupEntries.database || entry.size !== made.bytes)
    throw badBackup(`its database is missing, or of another length than it says`);
  const hash = createHash('sha256');
  const file = await open(into.database, 'wx', 0o600);
  try {
    for await (const piece of entry.body) {
      hash.update(piece);
      await file.writeFile(piece);
      into.onProgress('database', piece.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== made.sha256)
    throw badBackup('its database is damaged: the bytes are not those of its hash');
  const why = await findWhyUnusable(into.database);
  if (why !== undefined) throw badBackup(`its database ${why}`);
  await endSessions(into.database);
}

async function keepFiles(next: () => Promise<Entry>, into: Into): Promise<Omit<Unpacked, 'manifest'>> {
  const reader = openReader(into.database);
  try {
    // The disk is here for what is restored.
    const blobs = await openBlobs({ folder: into.blobs }, { limits: { keepFreeBytes: 0 }, now: into.now });
    const keeper = new BlobKeeper(blobs, reader);
    const had = { files: 0, bytes: 0 };
    for (;;) {
      const entry = await next();
      if (entry.name === backupEntries.end) {
        const end = await readJson(entry, BackupEnd);
        if (end.files !== had.files || end.bytes !== had.bytes)
          throw badBackup(
            `it has ${had.files} files of ${had.bytes} bytes, and ${end.files} of ${end.bytes} were packed`,
          );
        return { end, spoilt: keeper.spoilt };
      }
      had.files += 1;
      had.bytes += entry.size;
      await keeper.keep(entry);
      into.onProgress('files', entry.size);
    }
  } finally {
    reader.close();
  }
}
