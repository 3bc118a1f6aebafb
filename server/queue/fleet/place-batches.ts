import type { Statement } from '../../db/statement.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { type PoolKey, readClocks, writeClocks } from './virtual-clocks.ts';
import { hasOnlineDevice } from './which-pool.ts';

const ownPoolIsOnline = hasOnlineDevice('own.id', '?1');

const pairs = `pools own CROSS JOIN pools shared ON shared.owner = '' AND shared.target = own.target`;

/** Queued batches in the shared pool, though their org has a device of its own online for the target. */
const belongsToOwn = `own.owner <> '' AND batches.pool_id = shared.id AND batches.queued > 0
  AND batches.org_id = own.owner AND ${ownPoolIsOnline}`;

/** Queued batches in an org's own pool that has no device online any more. */
const belongsToShared = `own.owner <> '' AND batches.pool_id = own.id AND batches.queued > 0 AND NOT ${ownPoolIsOnline}`;

/**
 * Moves queued batches to the pool that serves them now. A batch keeps its distance to the virtual clock of its pool,
 * so the clocks of both pools must be written before. An agent heard at or after `since` is online.
 */
export const placeBatches = (since: number): Statement[] => [
  {
    sql: `UPDATE batches SET pool_id = own.id, tag = own.v + max(0, tag - shared.v) FROM ${pairs} WHERE ${belongsToOwn}`,
    args: [since],
  },
  {
    sql: `UPDATE batches SET pool_id = shared.id, tag = shared.v + max(0, tag - own.v) FROM ${pairs}
          WHERE ${belongsToShared}`,
    args: [since],
  },
];

/** Writes the clocks of these pools, and of the shared pools for the same targets, as they are now. */
export async function writeClocksOf(deps: Deps, pools: readonly PoolKey[]): Promise<Statement[]> {
  const shared = [...new Set(pools.map(({ target }) => target))].map((target) => ({ owner: '', target }));
  return writeClocks(await readClocks(deps, [...pools, ...shared]));
}

/**
 * Moves the batches that are in the wrong pool: a device has come online or gone away, or a job that waited is queued
 * again. Reads first, so that a pass with nothing to do writes nothing.
 */
export async function replaceBatches(deps: Deps): Promise<void> {
  const since = onlineSince(deps);
  const wrong = await deps.sql.read(
    `SELECT own.owner, own.target FROM ${pairs}
     WHERE EXISTS (SELECT 1 FROM batches WHERE ${belongsToOwn})
       OR EXISTS (SELECT 1 FROM batches WHERE ${belongsToShared})`,
    [since],
  );
  if (wrong.length === 0) return;
  const own = wrong.map((row) => ({ owner: String(row.owner), target: String(row.target) }));
  await deps.sql.write([...(await writeClocksOf(deps, own)), ...placeBatches(since)]);
}
