import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from 'vitest';
import type { SettingName } from '../../server/config.ts';
import { type Sqld, startSqld } from './sqld.ts';

/** The libSQL servers of this process, by the data folder of the qgjob server that uses it. */
const sqlds = new Map<string, Promise<Sqld>>();

const sqldFiles = new Map<string, string>();

/** Where tests run on libSQL servers: one for each data folder, which lives as long as this process. */
export async function databaseFlags(dataDir: string): Promise<Partial<Record<SettingName, string>>> {
  if (inject('database') === 'file') return {};
  const known = sqlds.get(dataDir) ?? startSqld(inject('sqldTemplate'));
  sqlds.set(dataDir, known);
  sqldFiles.set(dataDir, (await known).file);
  return { database_url: (await known).url, blob_dir: join(dataDir, 'blobs') };
}

/** What loops write, at times of their own: a test that compares two moments would see that too. */
export const loopTables: readonly string[] = [
  ...['figures', 'figures_cursor', 'work_claims'],
  ...['tests', 'test_failures', 'test_sources', 'ledger_cursor'],
  // And the number of its last line.
  ...['audit', 'sqlite_sequence'],
];

/**
 * All rows of the server's database but those of its loops, by table. Read-only: a second SQLite library in one process does not see the locks
 * of the first one, and would delete its log at the end.
 */
export function dumpDatabase(dataDir: string): Record<string, unknown[]> {
  const database = new DatabaseSync(sqldFiles.get(dataDir) ?? join(dataDir, 'qgjob.db'), { readOnly: true });
  try {
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    return Object.fromEntries(
      tables
        .map(({ name }) => String(name))
        .filter((name) => !loopTables.includes(name))
        .map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]),
    );
  } finally {
    database.close();
  }
}
