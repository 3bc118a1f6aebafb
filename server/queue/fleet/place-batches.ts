import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { type PoolKey, readClocks, writeClocks } from './virtual-clocks.ts';

const ownPoolIsOnline = `EXISTS (
  SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
  WHERE d.pool_id = own.id AND d.listed = 1 AND a.last_seen_at >= ?1)`;

const pairs = `pools own CROSS JOIN pools shared ON shared.owner = '' AND shared.target = own.target`;

/** The org has a device online for their target: its queued batches leave the shared pool for its own. */
const belongsToOwn = `own.owner <> '' AND batches.pool_id = shared.id AND batches.queued > 0
  AND batches.org_id = own.owner AND ${ownPoolIsOnline}`;

/** No device of an org's own pool is online any more: its queued batches go back to the shared pool. */
const belongsToShared = `own.owner <> '' AND batches.pool_id = own.id AND batches.queued > 0 AND NOT ${ownPoolIsOnline}`;

/**
 * Puts queued batches into the pool that may serve them now. A batch keeps its distance to the pool's virtual clock: both
 * pools' clocks have to be written before. `onlineSince`: an agent heard at or after this instant is online.
 */
export const placeBatches = (onlineSince: number): Statement[] => [
  {
    sql: `UPDATE batches SET pool_id = own.id, tag = own.v + max(0, tag - shared.v) FROM ${pairs} WHERE ${belongsToOwn}`,
    args: [onlineSince],
  },
  {
    sql: `UPDATE batches SET pool_id = shared.id, tag = shared.v + max(0, tag - own.v) FROM ${pairs}
          WHERE ${belongsToShared}`,
    args: [onlineSince],
  },
];

/** The clocks of an org's own pools for these targets and of the shared ones, brought up to now. */
export async function writeClocksOf(deps: Deps, pools: readonly PoolKey[]): Promise<Statement[]> {
  const shared = [...new Set(pools.map(({ target }) => target))].map((target) => ({ owner: '', target }));
  return writeClocks(await readClocks(deps, [...pools, ...shared]));
}

/**
 * Places what is in the wrong pool, if anything is: a device came online or went away, or a job that waited is queued
 * again. Looks first, so that a pass with nothing to do writes nothing.
 */
export async function replaceBatches(deps: Deps): Promise<void> {
  const since = deps.now() - deps.settings.leaseTtlMs;
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
