import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import Database from 'libsql';
import { urlOf } from './file-url.ts';
import { type SchemaName, schemaMadeAt } from './schema-name.ts';

/** What a copy of a database holds. */
export interface SnapshotFacts {
  readonly bytes: number;
  /** Of the file, hex. */
  readonly sha256: string;
  /** The last migration. */
  readonly schema: SchemaName;
  /** Rows by table. */
  readonly rows: Record<string, number>;
}

/** Reads a database file whose owner is somebody else, or nobody; writes nothing to it. */
export interface Reader {
  /** Rows, one after the other, as they are read. */
  rows(sql: string, args?: readonly (string | number)[]): Iterable<Readonly<Record<string, unknown>>>;
  close(): void;
}

// Readers of a WAL database wait for nobody but a process that recovers its log.
const busyTimeoutMs = 5000;

/** Opens a file that is there. `file`: absolute. Every call on it blocks its thread. */
export function openReader(file: string): Reader {
  const database = open(file);
  return {
    rows: (sql, args = []) => database.prepare(sql).iterate(...args) as Iterable<Record<string, unknown>>,
    close: () => void database.close(),
  };
}

const open = (file: string) => new Database(`${urlOf(file)}?mode=ro`, { timeout: busyTimeoutMs });

/**
 * Writes the database as it is at this moment to a new file. It only reads: on a connection of its own, inside of one
 * read transaction, which neither waits for the writer of a WAL database nor holds it up. It blocks its thread, about 6 s
 * for a gigabyte, so a server has it done by another process. Errors: SQLite's.
 */
export async function takeSnapshot(file: string, target: string): Promise<SnapshotFacts> {
  const source = open(file);
  try {
    source.prepare('VACUUM INTO ?').run(target);
  } finally {
    source.close();
  }
  return describeSnapshot(target);
}

/** What a copy holds that is whole. */
export async function describeSnapshot(file: string): Promise<SnapshotFacts> {
  const { size: bytes } = await stat(file);
  return { bytes, sha256: await hashOf(file), ...describe(file) };
}

/** Hex. */
async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

function describe(file: string): Pick<SnapshotFacts, 'schema' | 'rows'> {
  const reader = openReader(file);
  try {
    const applied = [...reader.rows('SELECT max(created_at) AS at FROM __drizzle_migrations')];
    const tables = [
      ...reader.rows(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__*' ORDER BY name`,
      ),
    ].map(({ name }) => String(name));
    const counts = tables.map((table) => [
      table,
      Number([...reader.rows(`SELECT count(*) AS n FROM "${table}"`)][0]?.n),
    ]);
    return { schema: schemaMadeAt(Number(applied[0]?.at)), rows: Object.fromEntries(counts) };
  } finally {
    reader.close();
  }
}
