import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@libsql/client';
import { isRolledBack, isUnreached } from './remote-trouble.ts';
import { storeError } from './store-error.ts';
import type { Commit, Connection } from './write-queue.ts';

/** The waits before each further try, ms: long enough for the restart of a database. */
const waits = [50, 200, 800, 1500];

/**
 * One round trip, BEGIN IMMEDIATE … COMMIT. It is tried again only where it certainly has written nothing. A lost answer
 * means that it has perhaps written: that is an error of the caller, who asks again by the same id, and whose statements
 * have conditions that let them write once.
 */
const createRemoteCommit =
  (client: Pick<Client, 'batch'>, random = Math.random): Commit =>
  async (statements) => {
    const batch = statements.map(({ sql, args }) => ({ sql, args: args ?? [] }));
    for (const ms of waits) {
      try {
        return await client.batch(batch, 'write');
      } catch (error) {
        if (!isUnreached(error) && !isRolledBack(error)) throw error;
        await wait(ms * (0.5 + random()));
      }
    }
    return client.batch(batch, 'write');
  };

/** A libSQL server takes a request of up to 16 MiB. */
const charactersPerTurn = 4 * 1024 * 1024;

/** What a write queue works with on a libSQL server. */
export const remoteConnection = (client: Client): Connection => ({
  ...{ client, isRemote: true, charactersPerTurn },
  commit: createRemoteCommit(client),
  // A request that was refused for its size or its text (413, 400) is none: the calls are then tried one by one.
  failsForAll: (error) => storeError(error).code === 'unavailable',
});
