import type { Client, InArgs, ResultSet, Row } from '@libsql/client';
import type { Statement } from './statement.ts';
import { storeError } from './store-error.ts';

/** All writes of the database go through it. */
export interface WriteQueue {
  /** The database is a server: it takes and gives values of at most 5 MB, and every statement is a round trip. */
  readonly isRemote: boolean;
  /** Rows of one reading statement. */
  read(sql: string, args?: InArgs): Promise<Row[]>;
  /**
   * Runs the statements in one transaction (BEGIN IMMEDIATE … COMMIT), all or none, and returns the rows of each after
   * the commit is on disk. Calls of one turn of the event loop share a commit. Where one of the statements
   * needs it, the statements of `CommitEnd` are its last. Errors: `unavailable` when the disk or another program's lock prevents it (nothing
   * was written), `conflict` for a broken UNIQUE.
   */
  write(statements: readonly Statement[]): Promise<Row[][]>;
  /** Called after every commit, also after one that failed, with the ms that it took. */
  onCommit(listener: (ms: number) => void): void;
  /** How often the connection was replaced, since another program had locked the file. */
  reconnects(): number;
  /** Called when a write found the database unavailable: no lease could be renewed meanwhile. */
  onTrouble(listener: () => void): void;
  /** Waits for the writes that are under way; later ones fail. */
  close(): Promise<void>;
}

interface Pending {
  readonly statements: readonly Statement[];
  readonly resolve: (rows: Row[][]) => void;
  readonly reject: (error: unknown) => void;
}

// A local batch runs synchronously: timers and sockets wait for it.
const statementsPerTurn = 1000;

/** Runs statements in one transaction: BEGIN IMMEDIATE … COMMIT. */
export type Commit = (statements: readonly Statement[]) => Promise<ResultSet[]>;

/** What a write queue works with. */
export interface Connection {
  readonly client: Client;
  readonly commit: Commit;
  /** Default: false. */
  readonly isRemote?: boolean;
  /** How often the connection was replaced. */
  readonly reconnects?: () => number;
  /** The commit failed for a reason that no single call is to blame for: none of them is tried alone. */
  readonly failsForAll: (error: unknown) => boolean;
  /** Calls share a commit up to so many characters of values. Default: no limit. */
  readonly charactersPerTurn?: number;
}

/** Statements that a commit ends with, in the same transaction, where one of its own needs them. */
export interface CommitEnd {
  isNeeded(statement: Statement): boolean;
  readonly statements: readonly Statement[];
}

export function createWriteQueue(connection: Connection, end: CommitEnd): WriteQueue {
  const { client, isRemote = false, charactersPerTurn = Number.POSITIVE_INFINITY } = connection;
  const listeners: ((ms: number) => void)[] = [];
  const troubled: (() => void)[] = [];
  const commit = withEnd(connection.commit, end);
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flushAll(): Promise<void> {
    // The other calls of this turn come in before the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const turn = pending.slice(0, turnLength(pending, charactersPerTurn));
      pending = pending.slice(turn.length);
      const from = performance.now();
      await commitTurn(commit, turn, connection.failsForAll);
      for (const listener of listeners) listener(performance.now() - from);
      if (pending.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    flushing = undefined;
  }

  function fail(error: unknown, reject: (error: unknown) => void): void {
    if ((error as { code?: unknown }).code === 'unavailable') for (const listener of troubled) listener();
    reject(error);
  }

  return {
    isRemote,
    reconnects: connection.reconnects ?? (() => 0),
    read: (sql, args = []) => readRows(client, sql, args),
    write(statements) {
      if (closed) return Promise.reject(storeError(new Error('the store is closed')));
      return new Promise((resolve, reject) => {
        pending.push({ statements, resolve, reject: (error) => fail(error, reject) });
        flushing ??= flushAll();
      });
    },
    onCommit: (listener) => void listeners.push(listener),
    onTrouble: (listener) => void troubled.push(listener),
    async close() {
      closed = true;
      await flushing;
    },
  };
}

async function readRows(client: Client, sql: string, args: InArgs): Promise<Row[]> {
  try {
    return (await client.execute({ sql, args })).rows;
  } catch (error) {
    throw storeError(error);
  }
}

/** How many of the calls share the next commit: at least one. */
function turnLength(pending: readonly Pending[], characters: number): number {
  let size = 0;
  let text = 0;
  const end = pending.findIndex((one) => {
    size += one.statements.length;
    if (characters !== Number.POSITIVE_INFINITY) text += charactersOf(one.statements);
    return size > statementsPerTurn || text > characters;
  });
  return end < 0 ? pending.length : Math.max(1, end);
}

const charactersOf = (statements: readonly Statement[]): number =>
  statements
    .flatMap(({ args }) => (Array.isArray(args) ? args : []))
    .reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length : 0), 0);

/** One commit for all calls of a turn. Where one of them is to blame for a failure, each gets a commit of its own. */
async function commitTurn(
  commit: Commit,
  turn: readonly Pending[],
  failsForAll: Connection['failsForAll'],
): Promise<void> {
  const statements = turn.flatMap((one) => one.statements);
  try {
    const results = await commit(statements);
    let offset = 0;
    for (const one of turn) {
      one.resolve(results.slice(offset, offset + one.statements.length).map((result) => result.rows));
      offset += one.statements.length;
    }
  } catch (error) {
    if (turn.length === 1 || failsForAll(error)) for (const one of turn) one.reject(storeError(error));
    else for (const one of turn) await commitTurn(commit, [one], failsForAll);
  }
}

const withEnd =
  (commit: Commit, { isNeeded, statements: end }: CommitEnd): Commit =>
  (statements) =>
    commit(statements.some(isNeeded) ? [...statements, ...end] : statements);
