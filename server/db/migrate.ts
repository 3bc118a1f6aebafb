import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { drizzle, migrate, readMigrationFiles } from './drizzle.ts';

/** Brings the database to this version's schema. */
export async function migrateDatabase(client: Client): Promise<void> {
  await migrate(drizzle(client), { migrationsFolder: findMigrations() });
}

/** So that no two servers that start at once both apply a migration: the second one is undone as a whole. */
const onceSql = [
  // As the migrator makes it.
  'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  'CREATE UNIQUE INDEX IF NOT EXISTS drizzle_migrations_once ON __drizzle_migrations (created_at)',
];

/**
 * The same for a database that other servers may be starting on. A server of the version before goes on meanwhile, since
 * what migrations of one version add has defaults.
 */
export async function migrateShared(client: Client): Promise<void> {
  const isDone = async () => (await readMadeBy(client)).applied.length >= knownMigrations().length;
  for (let left = 5; !(await isDone()); left -= 1) {
    try {
      await client.batch(onceSql, 'write');
      await migrateDatabase(client);
    } catch (error) {
      if (left === 0) throw error;
      // Another server was faster, or the answer was lost; what is missing then is looked up anew.
      await wait(200);
    }
  }
}

const knownMigrations = () => readMigrationFiles({ migrationsFolder: findMigrations() });

/**
 * Refuses a database that this version cannot bring to its schema, before anything is written to it. Errors: `internal`
 * with exit code `failed`, for one that another program, a newer version or one from before the baseline made.
 */
export async function refuseForeign(client: Client, file: string): Promise<void> {
  const why = await findWhyForeign(client);
  if (why) throw new QgjobError('internal', `the database ${file} ${why}`, { exitCode: exitCodes.failed });
}

/** Why this version cannot use a database, as the end of a sentence that begins with its name; undefined: it can. */
export async function findWhyForeign(client: Client): Promise<string | undefined> {
  const migrations = knownMigrations();
  return whyForeign(
    await readMadeBy(client),
    migrations.map(({ folderMillis }) => folderMillis),
  );
}

/** For a command beside running servers, which must not change what they read. Errors: `conflict`, migrations are pending. */
export async function refusePending(client: Client, name: string): Promise<void> {
  const { applied, isEmpty } = await readMadeBy(client);
  if (isEmpty)
    throw new QgjobError('conflict', `the database ${name} is empty: no server has started on it yet`);
  if (applied.length >= knownMigrations().length) return;
  throw new QgjobError(
    'conflict',
    `the database ${name} has the schema of an earlier qgjob: use the version that its servers run, or update them first`,
  );
}

/** What the file holds: the migrations that were applied (the times of their making, in order), or other tables. */
interface MadeBy {
  readonly applied: readonly number[];
  readonly isEmpty: boolean;
}

async function readMadeBy(client: Client): Promise<MadeBy> {
  const { rows } = await client.execute(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
  const tables = rows.map(({ name }) => String(name));
  // The migrator makes its own table first: with that alone, a start was cut off before the first migration.
  if (!tables.includes('__drizzle_migrations')) return { applied: [], isEmpty: tables.length === 0 };
  const made = await client.execute('SELECT created_at FROM __drizzle_migrations ORDER BY created_at');
  return { applied: made.rows.map((row) => Number(row.created_at)), isEmpty: tables.length === 1 };
}

/** Undefined: the file is new, or this version's, or an earlier one's since the baseline. */
function whyForeign({ applied, isEmpty }: MadeBy, known: readonly number[]): string | undefined {
  if (isEmpty) return undefined;
  if (applied.length === 0)
    return 'is not a database of qgjob: name another file, or one that does not exist yet';
  if (applied[0] !== known[0])
    return 'was made by a version of qgjob before the first release, which cannot be read any more: move it away and start with a new one';
  return applied.some((at, index) => at !== known[index])
    ? 'was made by a newer version of qgjob, or another one: start that version, or restore a backup of before'
    : undefined;
}

/** `drizzle/` at the package's root, from the sources as well as from build/. */
export function findMigrations(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'drizzle', 'meta', '_journal.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('the folder drizzle/ with the migrations is missing from this installation');
    folder = parent;
  }
  return join(folder, 'drizzle');
}
