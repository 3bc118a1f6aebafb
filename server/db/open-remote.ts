import type { Client } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import { migrateShared, refuseForeign, refusePending } from './migrate.ts';
import { readTogether } from './read-together.ts';
import { createRemoteClient } from './remote-client.ts';
import { remoteConnection } from './remote-commit.ts';
import { remoteTrouble } from './remote-trouble.ts';
import type { ClockReading, RemoteDatabase, Store, StoreOptions } from './store.ts';
import { storeError } from './store-error.ts';
import { typedReads } from './typed-reads.ts';
import { createWriteQueue } from './write-queue.ts';

/**
 * Opens a database that other servers may use at the same time; makes and migrates it where needed. Errors: `unavailable`
 * where it cannot be reached or refuses the token, `internal` with exit code 1 where another program or version made it,
 * `conflict` where it is empty or of an earlier version and may not be migrated.
 */
export async function openRemote(
  place: RemoteDatabase,
  { commitEnd, migrates = true }: StoreOptions,
): Promise<Store> {
  await prepare(place, migrates);
  const client = createRemoteClient(place);
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

/** A migration may have to go through all rows of a table. */
const migrationLimitMs = 120_000;

async function prepare(place: RemoteDatabase, migrates: boolean): Promise<void> {
  const client = createRemoteClient({ ...place, callLimitMs: place.callLimitMs ?? migrationLimitMs });
  try {
    await refuseForeign(client, nameOf(place));
    if (migrates) await migrateShared(client);
    else await refusePending(client, nameOf(place));
  } catch (error) {
    throw nameTrouble(place, error);
  } finally {
    client.close();
  }
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

/** The answer is half a round trip old when it is here; how much of it was the way back is not known. */
async function readClock(client: Client): Promise<ClockReading> {
  const asked = performance.now();
  try {
    const { rows } = await client.execute(`SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS at`);
    const offByMs = (performance.now() - asked) / 2;
    return { at: Number(rows[0]?.at) + offByMs, offByMs };
  } catch (error) {
    throw storeError(error);
  }
}
