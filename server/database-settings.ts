import * as z from 'zod';
import { QgjobError } from '../protocol/errors.ts';
import { type BlobConfig, isShared } from './blob-settings.ts';
import { whole } from './setting-shapes.ts';

/** A path, or the address of a libSQL server; a password or token in an address would end up in logs. */
const databaseUrl = /^(?:file:(?:\/\/(?=\/))?(?!\/\/).|(?:libsql|https?):\/\/[^/?#@\s]+(?:\/[^?#@\s]*)?$)/;

/** Settings of the database. */
export const databaseSettings = {
  database_url: z
    .string()
    .regex(
      databaseUrl,
      'give file:PATH, or the address of a libSQL server like libsql://NAME.turso.io or http://127.0.0.1:8081, its token apart by QGJOB_DATABASE_AUTH_TOKEN',
    )
    .optional()
    .describe(
      'file:PATH, the path as it is written, or `libsql://…`, `https://…`, `http://…` of a libSQL server that other servers may use too; without it, qgjob.db in the data folder',
    ),
  database_auth_token: z.string().optional().describe('Token of the libSQL server'),
  min_free_bytes: whole(0, 999_999_999_999_999)
    .default(512 * 1024 ** 2)
    .describe(
      'Free bytes on the disk of the database file below which runs are refused for now, while jobs under way go on; uploads below twice as many, on the disk where they lie; 0: never',
    ),
  events_interval_ms: whole(20, 60_000)
    .default(250)
    .describe('How often a server looks for what the other servers of its database have written, ms'),
} as const;

interface DatabaseSettings {
  readonly database_url?: string | undefined;
  readonly database_auth_token?: string | undefined;
  readonly data_dir: string;
}

/** Other servers may use the database at the same time. */
export const isRemote = ({ database_url: url }: Pick<DatabaseSettings, 'database_url'>): boolean =>
  url !== undefined && !url.startsWith('file:');

/** Path of the database file, or the libSQL server. */
export function databasePlace(
  settings: DatabaseSettings,
): string | { readonly url: string; readonly authToken?: string | undefined } {
  const { database_url: url, data_dir: folder, database_auth_token: authToken } = settings;
  if (url === undefined) return `${folder}/qgjob.db`;
  if (isRemote(settings)) return { url, authToken };
  // file:///abs and file:/abs name the same file; any other path after file: is relative to the current folder.
  return url.slice('file:'.length).replace(/^\/\/(?=\/)/, '');
}

/** Path of the database file. Errors: `invalid` for the database of a libSQL server; `what` begins its words. */
export function fileOf(settings: DatabaseSettings, what: string): string {
  const place = databasePlace(settings);
  if (typeof place === 'string') return place;
  throw new QgjobError('invalid', `${what} is of a database file, and this one is at ${place.url}`);
}

/** Errors: `invalid` where servers may share the database and not the logs and artifacts that its rows name. */
export function checkSharing(config: Pick<DatabaseSettings, 'database_url'> & BlobConfig): void {
  if (!isRemote(config) || isShared(config)) return;
  throw new QgjobError(
    'invalid',
    'QGJOB_DATABASE_URL: a database that several servers may use needs a store of blobs (logs, artifacts, bundles, apps) that they all reach: set QGJOB_S3_ENDPOINT and the other QGJOB_S3_ settings, or QGJOB_BLOB_DIR to a folder that they share',
  );
}
