import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { readMigrationFiles } from '../../server/db/drizzle.ts';
import { findMigrations } from '../../server/db/migrate.ts';
import { knownSchemas } from '../../server/db/schema-name.ts';
import { rows } from './old-rows.ts';
import { tempFolder } from './queue.ts';

export { old } from './old-rows.ts';

/** The names of all schemas since the baseline, in order. */
export const schemas = knownSchemas().map(({ name }) => name);

/** A database file of a server of that time, with runs under way. */
export async function oldDatabase(schema: string): Promise<string> {
  const folder = tempFolder();
  const file = join(folder, 'qgjob.db');
  const client = createClient({ url: `file:${file}`, concurrency: 1 });
  try {
    // It need not outlive a power cut.
    await client.execute('PRAGMA synchronous = OFF');
    await client.execute(
      'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    );
    const migrations = readMigrationFiles({ migrationsFolder: findMigrations() });
    for (const { sql, hash, folderMillis } of migrations.slice(0, schemas.indexOf(schema) + 1)) {
      await client.executeMultiple(sql.join(';\n'));
      await client.execute({
        sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)',
        args: [hash, folderMillis],
      });
    }
    for (const [table, row] of rows) {
      const names = Object.keys(row);
      const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`;
      await client.execute({ sql, args: Object.values(row) as never });
    }
    // The events up to here are in the counters.
    await client.execute('UPDATE counted_events SET seq = 5');
  } finally {
    client.close();
  }
  return file;
}

/** The same file with what a later version has added: one migration more, one table, one column. */
export async function laterDatabase(file: string): Promise<string> {
  const later = join(tempFolder(), 'qgjob.db');
  copyFileSync(file, later);
  await addLaterStep(later);
  return later;
}

/** What an additive migration of a later version does to a database, also beside a server that runs. */
export async function addLaterStep(file: string): Promise<void> {
  const client = createClient({ url: `file:${file}`, timeout: 5000 });
  try {
    await client.batch(
      [
        'CREATE TABLE later (id text PRIMARY KEY NOT NULL) STRICT',
        'ALTER TABLE jobs ADD later integer DEFAULT 0 NOT NULL',
        `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9000000000000)`,
      ],
      'write',
    );
  } finally {
    client.close();
  }
}
