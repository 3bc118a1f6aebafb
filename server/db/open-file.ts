import { type Client, createClient } from '@libsql/client';
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
import { localConnection } from './local-commit.ts';
import { lockDatabase } from './lock-database.ts';
import { migrateDatabase, refuseForeign } from './migrate.ts';
import type { Store, StoreOptions } from './store.ts';
import { damaged, isDamage } from './store-error.ts';
import { typedReads } from './typed-reads.ts';
import { type CommitEnd, createWriteQueue } from './write-queue.ts';

// The write queue tries twice, so a call waits 5 s for another program's lock before it is answered with 503.
const busyTimeoutMs = 2500;
const hurriedTimeoutMs = 20;

/** Of the log's file, once nobody reads what is in it; twice what a checkpoint waits for. */
const mostLogBytes = 32 * 1024 ** 2;

/**
 * Opens the file, alone; makes and migrates it where needed. `file` is a path. Where the process before was killed, all
 * pages are checked first. Errors: `unavailable` (in use), `internal` with exit
 * code 1 (damaged, or not a database of this version), and those of the file system.
 */
export async function openFile(file: string, { isUsed = false, commitEnd }: StoreOptions): Promise<Store> {
  const { unlock, wasLeft } = lockDatabase(file);
  keepStatements();
  try {
    checkSize(file, isUsed);
    keepPrivate(file);
    const isDoubtful = wasLeft || hasLog(file) || isMarked(file);
    const client = createClient({ url: urlOf(file), concurrency: 1, timeout: busyTimeoutMs });
    try {
      if (isDoubtful) {
        // The mark stays if the check throws or the process ends: the next start checks again.
        mark(file);
        await checkPages(client, file);
        unmark(file);
      }
      // Before the first write to it.
      await refuseForeign(client, file);
      await prepareConnection(client);
      await migrateDatabase(client);
      await prepareConnection(client);
      return wrapStore(client, file, commitEnd, unlock);
    } catch (error) {
      client.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw nameDamage(file, error);
  }
}

/** The client reads a URL; characters with a meaning there (`%`, `?`, `#`) belong to the file's name here. */
const urlOf = (file: string): string => `file:${file.split('/').map(encodeURIComponent).join('/')}`;

function wrapStore(client: Client, file: string, commitEnd: CommitEnd, unlock: () => void): Store {
  stopAtDamage(client, file);
  const sql = createWriteQueue(localConnection(client, prepareConnection), commitEnd);
  return {
    db: typedReads(client),
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
 * After the first damaged page every write fails, so that no more is lost, and /health says so. The mark makes the next
 * start check all pages, even if this process ends cleanly.
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

/**
 * WAL with FULL: an acknowledged submit survives a power cut. Checkpoints are rarer than SQLite's default, since the p99
 * of a lease depends on them. The busy timeout is read back: a client that ignored it would lose writes to the first lock
 * of another program. The log grows while another program reads for long; once it is written back, its file is cut to the
 * limit again. Nothing waits for that: a checkpoint that truncates would stop the event loop until the reader is done.
 */
async function prepareConnection(client: Client, isHurried = false): Promise<void> {
  const timeout = isHurried ? hurriedTimeoutMs : busyTimeoutMs;
  // First, since the other pragmas may have to wait for a lock.
  await client.execute(`PRAGMA busy_timeout = ${timeout}`);
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = FULL');
  await client.execute('PRAGMA foreign_keys = ON');
  await client.execute('PRAGMA wal_autocheckpoint = 4000');
  await client.execute(`PRAGMA journal_size_limit = ${mostLogBytes}`);
  const { rows } = await client.execute('PRAGMA busy_timeout');
  if (Number(rows[0]?.timeout) !== timeout) {
    throw new QgjobError('internal', 'the database client does not honour its busy timeout');
  }
}
