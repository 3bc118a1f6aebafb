import type { Client, InStatement } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import { createRemoteClient } from './remote-client.ts';
import { openReader, type Reader } from './snapshot.ts';
import type { RemoteDatabase } from './store.ts';
import { storeError } from './store-error.ts';

/** In one call to the libSQL server: it takes 1000 statements, and less than 10 MB. */
const mostStatements = 400;
const mostCharacters = 2 ** 21;

/** By it a server knows a database; so it comes last. */
const lastTable = '__drizzle_migrations';

/**
 * Writes what a database file holds into the empty database of a libSQL server, many rows in one call: first the tables, then
 * the rows, then indexes and triggers. Where that is cut off, no server takes the database for one of qgjob. Errors:
 * `conflict` where it is not empty, `unavailable`.
 */
export async function fillRemote(place: RemoteDatabase, file: string): Promise<void> {
  await refuseFull(place);
  const client = createRemoteClient({ ...place, callLimitMs: 60_000 });
  const reader = openReader(file);
  try {
    await send(client, tablesOf(reader));
    await send(client, rowsOf(reader));
    await send(client, othersOf(reader));
    await send(client, [...tableSql(reader, lastTable), ...rowsIn(reader, lastTable)]);
  } catch (error) {
    throw storeError(error);
  } finally {
    reader.close();
    client.close();
  }
}

/** Errors: `conflict` where the database has tables, `unavailable`. */
export async function refuseFull(place: RemoteDatabase): Promise<void> {
  const client = createRemoteClient(place);
  try {
    const { rows } = await client.execute(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'libsql_*' LIMIT 1`,
    );
    const [row] = rows;
    if (row)
      throw new QgjobError(
        'conflict',
        `the database at ${place.url} is not empty (${row.name}): restore into a new one`,
      );
  } catch (error) {
    throw storeError(error);
  } finally {
    client.close();
  }
}

async function send(client: Client, statements: Iterable<InStatement>): Promise<void> {
  let some: InStatement[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    if (some.length > 0) await client.batch(some, 'write');
    some = [];
    length = 0;
  };
  for (const statement of statements) {
    some.push(statement);
    length += JSON.stringify(statement).length;
    if (some.length >= mostStatements || length >= mostCharacters) await flush();
  }
  await flush();
}

const names = (reader: Reader): string[] =>
  [
    ...reader.rows(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid`,
    ),
  ]
    .map(({ name }) => String(name))
    .filter((name) => name !== lastTable);

const tableSql = (reader: Reader, name: string): string[] =>
  [...reader.rows(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`, [name])].map(({ sql }) =>
    String(sql),
  );

function* tablesOf(reader: Reader): Generator<string> {
  for (const name of names(reader)) yield* tableSql(reader, name);
}

function* rowsOf(reader: Reader): Generator<InStatement> {
  for (const name of names(reader)) yield* rowsIn(reader, name);
}

function* rowsIn(reader: Reader, table: string): Generator<InStatement> {
  for (const row of reader.rows(`SELECT * FROM "${table}" ORDER BY rowid`)) {
    const columns = Object.keys(row);
    const marks = columns.map(() => '?').join(', ');
    const sql = `INSERT INTO "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) VALUES (${marks})`;
    yield { sql, args: Object.values(row) as never };
  }
}

function* othersOf(reader: Reader): Generator<string> {
  const sql = `SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, rowid`;
  // An index of the table that comes last.
  for (const row of reader.rows(sql)) if (!String(row.sql).includes(lastTable)) yield String(row.sql);
}
