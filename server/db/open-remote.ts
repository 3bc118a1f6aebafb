import type { Client } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import { migrateShared, refuseForeign } from './migrate.ts';
import { readTogether } from './read-together.ts';
import { createRemoteClient } from './remote-client.ts';
import { remoteConnection } from './remote-commit.ts';
import { remoteTrouble } from './remote-trouble.ts';
import type { RemoteDatabase, Store, StoreOptions } from './store.ts';
import { storeError } from './store-error.ts';
import { typedReads } from './typed-reads.ts';
import { createWriteQueue } from './write-queue.ts';

/**
 * Opens a database that other servers may use at the same time; makes and migrates it where needed. Errors: `unavailable`
 * where it cannot be reached or refuses the token, `internal` with exit code 1 where another program or version made it.
 */
export async function openRemote(place: RemoteDatabase, { commitEnd }: StoreOptions): Promise<Store> {
  const client = createRemoteClient(place);
  try {
    await refuseForeign(client, nameOf(place));
    await migrateShared(client);
  } catch (error) {
    client.close();
    throw nameTrouble(place, error);
  }
  readTogether(client);
  const sql = createWriteQueue(remoteConnection(client), commitEnd);
  return {
    db: typedReads(client),
    sql,
    readClock: () => readClock(client),
    async close() {
      await sql.close();
      client.close();
    },
  };
}

/** The address without what may be secret in it. */
function nameOf({ url }: RemoteDatabase): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

function nameTrouble(place: RemoteDatabase, error: unknown): unknown {
  const trouble = error instanceof QgjobError ? undefined : remoteTrouble(error);
  if (trouble === undefined) return error;
  return new QgjobError('unavailable', `${nameOf(place)}: ${trouble}`, { cause: error });
}

/** The answer is half a round trip old when it is here. */
async function readClock(client: Client): Promise<number> {
  const asked = performance.now();
  try {
    const { rows } = await client.execute(`SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS at`);
    return Number(rows[0]?.at) + (performance.now() - asked) / 2;
  } catch (error) {
    throw storeError(error);
  }
}
