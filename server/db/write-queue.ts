import type { Client, InArgs, ResultSet, Row } from '@libsql/client';
import { countTransitions, hasTransitions } from './counters.ts';
import type { Statement } from './statement.ts';
import { storeError } from './store-error.ts';

/** The one door through which the database is written. */
export interface WriteQueue {
  /** Rows of one reading statement. */
  read(sql: string, args?: InArgs): Promise<Row[]>;
  /**
   * Runs the statements in one transaction (BEGIN IMMEDIATE … COMMIT), all or none, and answers each one's rows after
   * the commit is on disk. Callers of one turn of the event loop share a commit; where jobs moved, it ends with the
   * statements of their counters. Throws a QgjobError: `unavailable` when the disk or a foreign lock does not let it (nothing
   * was written), `conflict` for a broken UNIQUE.
   */
  write(statements: readonly Statement[]): Promise<Row[][]>;
  /** Called after every commit. */
  onCommit(listener: () => void): void;
  /** Called when a write found the database unavailable: whoever wanted to renew a lease could not. */
  onTrouble(listener: () => void): void;
  /** Waits for writes under way; later ones are refused. */
  close(): Promise<void>;
}

interface Pending {
  readonly statements: readonly Statement[];
  readonly resolve: (rows: Row[][]) => void;
  readonly reject: (error: unknown) => void;
}

// A local batch runs synchronously: a longer turn would keep the event loop from its timers and sockets.
const statementsPerTurn = 1000;

/**
 * Applies the pragmas anew; needed after every reconnect, since they belong to the connection. A hurried one hardly waits
 * for a foreign lock.
 */
export type Prepare = (client: Client, isHurried: boolean) => Promise<void>;

export function createWriteQueue(client: Client, prepare: Prepare): WriteQueue {
  const listeners: (() => void)[] = [];
  const troubled: (() => void)[] = [];
  const commit = createCommit(client, prepare);
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flushAll(): Promise<void> {
    // The turn's other callers come in before the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      await commitTurn(commit, takeTurn());
      for (const listener of listeners) listener();
      if (pending.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    flushing = undefined;
  }

  function fail(error: unknown, reject: (error: unknown) => void): void {
    if ((error as { code?: unknown }).code === 'unavailable') for (const listener of troubled) listener();
    reject(error);
  }

  function takeTurn(): Pending[] {
    let size = 0;
    const end = pending.findIndex((one) => {
      size += one.statements.length;
      return size > statementsPerTurn;
    });
    const turn = end < 0 ? pending : pending.slice(0, Math.max(1, end));
    pending = pending.slice(turn.length);
    return turn;
  }

  return {
    async read(sql, args = []) {
      try {
        return (await client.execute({ sql, args })).rows;
      } catch (error) {
        throw storeError(error);
      }
    },
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

/** One commit for all callers of a turn; where one of them fails, each gets a commit of its own. */
async function commitTurn(commit: Commit, turn: readonly Pending[]): Promise<void> {
  const statements = turn.flatMap((one) => one.statements);
  try {
    const results = await commit([
      ...statements,
      ...(statements.some(hasTransitions) ? countTransitions : []),
    ]);
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

/**
 * A BUSY poisons a local connection: later statements on it may answer well and be gone with the process
 * (libsql-client-ts#352). So it is replaced before anything else happens, and the batch replayed once. Where that is in
 * vain too, the database is held for long: until a write gets through, the next ones hardly wait, since a wait stops the
 * event loop.
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
  // What was committed stays so, whatever becomes of the pragmas: the next commit sees to them.
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

/** Every BUSY is followed by a new connection, also the last one. */
async function retryBusy<T>(work: () => Promise<T>, renew: () => Promise<void>, retries: number): Promise<T> {
  for (let n = 0; ; n += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      // One that fails is made again before the next batch.
      await renew().catch(() => undefined);
      if (n >= retries) throw error;
    }
  }
}

const isBusy = (error: unknown): boolean =>
  [error, (error as Error).cause].some((one) =>
    /SQLITE_(BUSY|LOCKED)/.test(String((one as { code?: unknown } | undefined)?.code ?? '')),
  );
