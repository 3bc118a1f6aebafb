import type { LibSQLDatabase } from './drizzle.ts';
import type { CommitEnd, WriteQueue } from './write-queue.ts';

/** An open database: typed reads by `db`, statements of our own and all writes by `sql`. */
export interface Store {
  readonly db: LibSQLDatabase;
  readonly sql: WriteQueue;
  /**
   * The clock of a database that other servers may use too. Undefined for a file, which is this process's alone. Errors:
   * `unavailable`.
   */
  readonly readClock?: () => Promise<ClockReading>;
  close(): Promise<void>;
}

export interface ClockReading {
  /** Epoch ms. */
  readonly at: number;
  /** By so much it may be wrong, ms. */
  readonly offByMs: number;
}

export interface StoreOptions {
  /** A server has run on this file before: it must not be empty. */
  readonly isUsed?: boolean;
  /**
   * A remote database is brought to this version's schema; false: one that other servers use with an earlier schema is
   * refused. Default: true.
   */
  readonly migrates?: boolean;
  readonly commitEnd: CommitEnd;
}

/** A libSQL server, or a database at Turso. */
export interface RemoteDatabase {
  /** `http:`, `https:` or `libsql:`. */
  readonly url: string;
  readonly authToken?: string | undefined;
  /** A call that takes longer fails. Default: 8 s. */
  readonly callLimitMs?: number;
}
