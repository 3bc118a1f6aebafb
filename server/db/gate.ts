import type { Client, InArgs, ResultSet, Row } from '@libsql/client';
import { fold, movesJobs } from './fold.ts';
import { storeError } from './store-error.ts';

/** One statement with its bound values. */
export interface Statement {
  readonly sql: string;
  readonly args?: InArgs;
}

/** The one door through which the database is written. */
export interface Gate {
  /** Rows of one reading statement. */
  read(sql: string, args?: InArgs): Promise<Row[]>;
  /**
   * Runs the statements in one transaction (BEGIN IMMEDIATE … COMMIT), all or none, and answers each one's rows after
   * the commit is on disk. Callers of one turn of the event loop share a commit; where jobs moved, it ends with the
   * fold of their counters. Throws a QgjobError: `unavailable` when the disk or a foreign lock does not let it (nothing
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

/** Applies the pragmas anew; needed after every reconnect, since they belong to the connection. */
export type Prepare = (client: Client) => Promise<void>;

export function createGate(client: Client, prepare: Prepare): Gate {
  const listeners: (() => void)[] = [];
  const troubled: (() => void)[] = [];
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let closed = false;

  async function flushAll(): Promise<void> {
    // The turn's other callers come in before the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const turn = takeTurn();
      await commitTurn(client, prepare, turn);
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
async function commitTurn(client: Client, prepare: Prepare, turn: readonly Pending[]): Promise<void> {
  const statements = turn.flatMap((one) => one.statements);
  try {
    const results = await commit(client, prepare, [
      ...statements,
      ...(statements.some(movesJobs) ? fold : []),
    ]);
    let offset = 0;
    for (const one of turn) {
      one.resolve(results.slice(offset, offset + one.statements.length).map((result) => result.rows));
      offset += one.statements.length;
    }
  } catch (error) {
    const [first] = turn;
    if (turn.length === 1 || isBusy(error)) {
      for (const one of turn) one.reject(storeError(error));
    } else if (first) {
      for (const one of turn) await commitTurn(client, prepare, [one]);
    }
  }
}

/**
 * A BUSY poisons a local connection: later statements on it may answer well and be gone with the process
 * (libsql-client-ts#352). So it is replaced before anything else happens, and the batch replayed once.
 */
async function commit(client: Client, prepare: Prepare, statements: Statement[]): Promise<ResultSet[]> {
  const batch = () =>
    client.batch(
      statements.map(({ sql, args }) => ({ sql, args: args ?? [] })),
      'write',
    );
  try {
    return await batch();
  } catch (error) {
    if (!isBusy(error)) throw error;
    await renew(client, prepare);
  }
  try {
    return await batch();
  } catch (error) {
    if (isBusy(error)) await renew(client, prepare);
    throw error;
  }
}

async function renew(client: Client, prepare: Prepare): Promise<void> {
  client.reconnect();
  await prepare(client);
}

const isBusy = (error: unknown): boolean =>
  /SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code ?? ''));
