import type { Client, InArgs, ResultSet, Row } from '@libsql/client';
import type { Statement } from './statement.ts';
import { storeError } from './store-error.ts';

/** All writes of the database go through it. */
export interface WriteQueue {
  /** Rows of one reading statement. */
  read(sql: string, args?: InArgs): Promise<Row[]>;
  /**
   * Runs the statements in one transaction (BEGIN IMMEDIATE … COMMIT), all or none, and returns the rows of each after
   * the commit is on disk. Calls of one turn of the event loop share a commit. Where one of the statements
   * needs it, the statements of `CommitEnd` are its last. Errors: `unavailable` when the disk or another program's lock prevents it (nothing
   * was written), `conflict` for a broken UNIQUE.
   */
  write(statements: readonly Statement[]): Promise<Row[][]>;
  /** Called after every commit. */
  onCommit(listener: () => void): void;
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

/** Sets the pragmas of a new connection. With `isHurried` it hardly waits for another program's lock. */
export type Prepare = (client: Client, isHurried: boolean) => Promise<void>;

/** Statements that a commit ends with, in the same transaction, where one of its own needs them. */
export interface CommitEnd {
  isNeeded(statement: Statement): boolean;
  readonly statements: readonly Statement[];
}

export function createWriteQueue(client: Client, prepare: Prepare, end: CommitEnd): WriteQueue {
  const listeners: (() => void)[] = [];
  const troubled: (() => void)[] = [];
  const commit = withEnd(createCommit(client, prepare), end);
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flushAll(): Promise<void> {
    // The other calls of this turn come in before the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const turn = pending.slice(0, turnLength(pending));
      pending = pending.slice(turn.length);
      await commitTurn(commit, turn);
      for (const listener of listeners) listener();
      if (pending.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    flushing = undefined;
  }

  function fail(error: unknown, reject: (error: unknown) => void): void {
    if ((error as { code?: unknown }).code === 'unavailable') for (const listener of troubled) listener();
    reject(error);
  }

  return {
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
function turnLength(pending: readonly Pending[]): number {
  let size = 0;
  const end = pending.findIndex((one) => {
    size += one.statements.length;
    return size > statementsPerTurn;
  });
  return end < 0 ? pending.length : Math.max(1, end);
}

/** One commit for all calls of a turn. Where it fails, each call gets a commit of its own. */
async function commitTurn(commit: Commit, turn: readonly Pending[]): Promise<void> {
  const statements = turn.flatMap((one) => one.statements);
  try {
    const results = await commit(statements);
    let offset = 0;
    for (const one of turn) {
      one.resolve(results.slice(offset, offset + one.statements.length).map((result) => result.rows));
      offset += one.statements.length;
    }
  } catch (error) {
    if (turn.length === 1 || isBusy(error)) for (const one of turn) one.reject(storeError(error));
    else for (const one of turn) await commitTurn(commit, [one]);
  }
}

type Commit = (statements: readonly Statement[]) => Promise<ResultSet[]>;

const withEnd =
  (commit: Commit, { isNeeded, statements: end }: CommitEnd): Commit =>
  (statements) =>
    commit(statements.some(isNeeded) ? [...statements, ...end] : statements);

/**
 * A BUSY poisons a local connection: later statements on it may succeed and still be lost with the process
 * (libsql-client-ts#352). So the connection is replaced at once, and the batch runs a second time. If that fails too,
 * another program keeps its lock for long. Until a write succeeds, the next ones hardly wait for the lock, since the event
 * loop stands still meanwhile.
 */
function createCommit(client: Client, prepare: Prepare): Commit {
  let isHurried = false;
  let isPrepared = true;
  const renew = async (): Promise<void> => {
    isPrepared = false;
    client.reconnect();
    await prepare(client, isHurried);
    isPrepared = true;
  };
  // A failure here does not undo the commit; the next commit sets the pragmas again.
  const hurry = async (value: boolean): Promise<void> => {
    if (value === isHurried) return;
    isHurried = value;
    isPrepared = false;
    await prepare(client, value).then(
      () => {
        isPrepared = true;
      },
      () => undefined,
    );
  };

  return async (statements) => {
    const batch = async () => {
      if (!isPrepared) await renew();
      return client.batch(
        statements.map(({ sql, args }) => ({ sql, args: args ?? [] })),
        'write',
      );
    };
    try {
      const results = await retryBusy(batch, renew, isHurried ? 0 : 1);
      await hurry(false);
      return results;
    } catch (error) {
      if (isBusy(error)) await hurry(true);
      throw error;
    }
  };
}

/** Makes a new connection after every BUSY, also after the last. */
async function retryBusy<T>(work: () => Promise<T>, renew: () => Promise<void>, retries: number): Promise<T> {
  for (let n = 0; ; n += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      // If this fails, the next batch makes the connection.
      await renew().catch(() => undefined);
      if (n >= retries) throw error;
    }
  }
}

const isBusy = (error: unknown): boolean =>
  [error, (error as Error).cause].some((one) =>
    /SQLITE_(BUSY|LOCKED)/.test(String((one as { code?: unknown } | undefined)?.code ?? '')),
  );
