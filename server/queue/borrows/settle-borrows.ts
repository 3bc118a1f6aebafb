import { poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { endAll } from './end-borrow.ts';
import { grantBorrows } from './grant-borrows.ts';

const rowsPerPass = 200;
/** A borrow waits at most so long, ms. */
const longestWaitMs = 24 * 3_600_000;

const isOver = `((status = 'active' AND until <= ?2) OR (status = 'waiting' AND requested_at <= ?2 - ${longestWaitMs}))`;
const isUnwatched = `status = 'waiting' AND watched_until <= ?2`;
// An agent that is silent still has the device: whoever borrowed it still uses it, and no test must start when it is back.
const isGone = `status IN ('active', 'waiting') AND coalesce(device_id, wanted_device) IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM devices d WHERE d.id = coalesce(borrows.device_id, borrows.wanted_device) AND d.listed = 1)`;

/** SEARCH borrows USING INDEX borrows_until (until>?), SEARCH borrows USING INDEX borrows_waiting (pool_id>?) */
const openSql = ['until > 0', 'pool_id > 0']
  .map(
    (
      range,
      index,
    ) => `SELECT id, status, ${isOver} AS is_over, ${isUnwatched} AS is_unwatched, ${isGone} AS is_gone
  FROM borrows WHERE status = '${index === 0 ? 'active' : 'waiting'}' AND ${range} AND ?1`,
  )
  .join(' UNION ALL ');

/**
 * Ends the borrows whose time is over, whose device is no longer offered, and those that nobody waits for any more. Then gives
 * free devices to those that wait. Every server does this, again and again: what another one has done is not done twice.
 */
export async function settleBorrows(deps: Deps): Promise<void> {
  const now = deps.now();
  const open = await deps.sql.read(openSql, [1, now]);
  if (open.length === 0) return;
  const idsOf = (column: string) =>
    open.flatMap((row) => (row[column] === 1 ? [String(row.id)] : [])).slice(0, rowsPerPass);
  const ends = [
    ['expired', idsOf('is_over'), isOver],
    ['cancelled', idsOf('is_unwatched'), isUnwatched],
    ['device_gone', idsOf('is_gone'), isGone],
  ] as const;
  for (const [as, ids, where] of ends) if (ids.length > 0) await endAll(deps, ids, as, where);
  if (!open.some(({ status }) => status === 'waiting')) return;
  await replaceWaiting(deps);
  const pools = await deps.sql.read(
    `SELECT DISTINCT pool_id FROM borrows WHERE status = 'waiting' AND pool_id > 0`,
  );
  for (const { pool_id: poolId } of pools) await grantBorrows(deps, Number(poolId));
}

/** Those that wait in a pool that does not serve them any more: a device has come online or gone away, or has moved. */
async function replaceWaiting(deps: Deps): Promise<void> {
  const pool = `coalesce((SELECT d.pool_id FROM devices d WHERE d.id = w.wanted_device),
    ${poolFor('w.org_id', 'w.target', '?1')})`;
  const since = onlineSince(deps);
  const wrong = await deps.sql.read(
    `SELECT w.id, ${pool} AS pool FROM borrows w WHERE w.status = 'waiting' AND w.pool_id > 0 AND w.pool_id <> ${pool}`,
    [since],
  );
  if (wrong.length === 0) return;
  await deps.sql.write([
    {
      sql: `UPDATE borrows SET pool_id = i.value ->> 1 FROM json_each(?) i
            WHERE borrows.id = i.value ->> 0 AND status = 'waiting'`,
      args: [JSON.stringify(wrong.map(({ id, pool: poolId }) => [id, poolId]))],
    },
  ]);
}
