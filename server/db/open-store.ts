import { type Client, createClient } from '@libsql/client';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { QgjobError } from '../../protocol/errors.ts';
import {
  checkPages,
  checkSize,
  hasLog,
  isMarked,
  keepPrivate,
  mark,
  nameDamage,
  unmark,
} from './check-database.ts';
import { keepStatements } from './keep-statements.ts';
import { lockDatabase } from './lock-file.ts';
import { migrateDatabase, refuseForeign } from './migrate.ts';
import { damaged, isDamage, storeError } from './store-error.ts';
import { createWriteQueue, type WriteQueue } from './write-queue.ts';

/** An open database: typed reads by `db`, statements of our own and all writes by `sql`. */
export interface Store {
  readonly db: LibSQLDatabase;
  readonly sql: WriteQueue;
  close(): Promise<void>;
}

// Two waits of this length (the write queue replays once) make the 5 s after which a foreign lock is answered with 503.
const busyTimeoutMs = 2500;
const hurriedTimeoutMs = 20;

/**
 * Opens the file, alone; makes and migrates it where needed. `file` is a path. Where the process before was killed, all
 * pages are checked first. `isUsed`: a server has run on it before. Errors: `unavailable` (in use), `internal` with exit
 * code 1 (damaged, or not a database of this version), and those of the file system.
 */
export async function openStore(file: string, { isUsed = false } = {}): Promise<Store> {
  const { unlock, wasLeft } = lockDatabase(file);
  keepStatements();
  try {
    checkSize(file, isUsed);
    keepPrivate(file);
    const isDoubtful = wasLeft || hasLog(file) || isMarked(file);
    const client = createClient({ url: urlOf(file), concurrency: 1, timeout: busyTimeoutMs });
    try {
      await refuseForeign(client, file);
      await prepareConnection(client);
      if (isDoubtful) {
        // Stays where the check throws, or does not come to its end.
        mark(file);
        await checkPages(client, file);
        unmark(file);
      }
      await migrateDatabase(client);
      await prepareConnection(client);
      return wrapStore(client, file, unlock);
    } catch (error) {
      client.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw nameDamage(file, error);
  }
}

/** The client reads a URL: what means something there is a part of the name here. */
const urlOf = (file: string): string => `file:${file.split('/').map(encodeURIComponent).join('/')}`;

function wrapStore(client: Client, file: string, unlock: () => void): Store {
  stopAtDamage(client, file);
  const sql = createWriteQueue(client, prepareConnection);
  return {
    db: drizzle(speakOurErrors(client), { casing: 'snake_case' }),
    sql,
    async close() {
      await sql.close();
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
      client.close();
      unlock();
    },
  };
}

/**
 * Nothing is written any more once a page was met that cannot be: what is lost does not grow, and health says so. The
 * next start finds it too, though this one ends cleanly.
 */
function stopAtDamage(client: Client, file: string): void {
  let damage: unknown;
  const notice = (error: unknown): never => {
    if (isDamage(error)) {
      damage ??= error;
      mark(file);
    }
    throw error;
  };
  const execute = client.execute.bind(client) as (...args: unknown[]) => ReturnType<Client['execute']>;
  const batch = client.batch.bind(client);
  client.execute = (...args: unknown[]) => execute(...args).catch(notice);
  client.batch = (...args) => (damage ? Promise.reject(damaged(damage)) : batch(...args).catch(notice));
}

/** Typed reads fail like all others; drizzle wraps what it catches, and the cause of its error is then ours. */
function speakOurErrors(client: Client): Client {
  const execute = client.execute.bind(client) as (...args: unknown[]) => ReturnType<Client['execute']>;
  client.execute = async (...args: unknown[]) => {
    try {
      return await execute(...args);
    } catch (error) {
      throw storeError(error);
    }
  };
  return client;
}

/**
 * WAL with FULL: an acknowledged submit survives a power cut. The checkpoint is rarer than SQLite's own because the
 * p99 of a lease follows it. A client that silently ignored `timeout` would lose writes to the first foreign lock.
 */
async function prepareConnection(client: Client, isHurried = false): Promise<void> {
  const timeout = isHurried ? hurriedTimeoutMs : busyTimeoutMs;
  // First, since the others may have to wait.
  await client.execute(`PRAGMA busy_timeout = ${timeout}`);
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = FULL');
  await client.execute('PRAGMA foreign_keys = ON');
  await client.execute('PRAGMA wal_autocheckpoint = 4000');
  const { rows } = await client.execute('PRAGMA busy_timeout');
  if (Number(rows[0]?.timeout) !== timeout) {
    throw new QgjobError('internal', 'the database client does not honour its busy timeout');
  }
}
