import type { Client } from '@libsql/client';
import type { Commit, Connection } from './write-queue.ts';

/** Sets the pragmas of a new connection. With `isHurried` it hardly waits for another program's lock. */
export type Prepare = (client: Client, isHurried: boolean) => Promise<void>;

/** What a write queue works with on a local file. */
export function localConnection(client: Client, prepare: Prepare = async () => undefined): Connection {
  let reconnects = 0;
  const commit = createLocalCommit(client, prepare, () => {
    reconnects += 1;
  });
  return { client, commit, failsForAll: isBusy, reconnects: () => reconnects };
}

/**
 * A BUSY poisons a local connection: later statements on it may succeed and still be lost with the process
 * (libsql-client-ts#352). So the connection is replaced at once, and the batch runs a second time. If that fails too,
 * another program keeps its lock for long. Until a write succeeds, the next ones hardly wait for the lock, since the event
 * loop stands still meanwhile.
 */
function createLocalCommit(client: Client, prepare: Prepare, onReconnect: () => void): Commit {
  let isHurried = false;
  let isPrepared = true;
  const renew = async (): Promise<void> => {
    isPrepared = false;
    client.reconnect();
    onReconnect();
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
