import * as z from 'zod';

/** The form of a backup; another number is another form. */
export const backupFormat = 1;

/** As a server's answer says it, so that it cannot be taken for the page of something in between. */
export const backupType = 'application/vnd.qgjob.backup+tar';

/** The names of the entries of a backup, a tar, in their order; between the last two are the files. */
export const backupEntries = {
  manifest: 'manifest.json',
  database: 'qgjob.db',
  end: 'end.json',
  /** Empty; they come while nothing else is there to be sent, so that nothing in between gives up. */
  wait: 'wait',
  /** In place of all that would follow: why there is none. */
  failed: 'failed.json',
} as const;

const Count = z.int().min(0);
const Files = z.object({ files: Count, bytes: Count });

/** The first entry. */
export const BackupManifest = z.object({
  format: z.literal(backupFormat),
  /** Of the qgjob that made it. */
  version: z.string(),
  /** The last migration of its database: its name, and when it was written (epoch ms). */
  schema: z.object({ name: z.string(), made_at: Count }),
  /** The moment that the database is of. */
  taken_at: z.iso.datetime(),
  database: z.object({ bytes: Count, sha256: z.hash('sha256') }),
  /** Rows by table. */
  rows: z.record(z.string(), Count),
  /** What the rows name; null: the backup is without files. */
  files: z.object({ artifacts: Files, bundles: Files, apps: Files }).nullable(),
});
export type BackupManifest = z.output<typeof BackupManifest>;

/** The last entry: a backup without it was cut off. */
export const BackupEnd = z.object({
  files: Count,
  bytes: Count,
  /** Files that a row names and that were not there any more. */
  missing: Count,
  /** Files that could not be read to their end. */
  unreadable: Count,
});
export type BackupEnd = z.output<typeof BackupEnd>;

export const BackupFailed = z.object({ message: z.string() });
