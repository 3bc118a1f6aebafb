import type { Deps } from '../store/deps.ts';
import { orgMayUse } from '../store/org-may.ts';

/** The org `o` may lease jobs of the batch `b` (SQL). */
export const orgMay = orgMayUse('b.target');

/** The order of batches whose group no device holds: by rank, or by due time. */
export type Order = 'tag' | 'due_at';

// Rows of an index that one statement reads, also those whose org may not lease.
export const nearRows = 64;

const nth = (
  order: Order,
) => `(SELECT n.${order} FROM batches n WHERE n.pool_id = ?1 AND n.queued > 0 AND n.held = 0
  ORDER BY n.${order} LIMIT 1 OFFSET ${nearRows - 1})`;

/**
 * Limits a read of the batches `b` of the pool ?1, in this order, to the first `nearRows` of the index. An org that
 * is paused or at its cap may have any number of batches there, and a row costs as much where its org may not lease
 * as where it may. `atMost` is the highest value of the order. SEARCH n USING INDEX batches_cold, or batches_due
 * (pool_id=?); it costs 5 µs.
 */
export const isNear = (order: Order, atMost = '9e18'): string =>
  // One condition, since an index is searched by one only; a second one would be checked for every row.
  `b.${order} <= min(${atMost}, coalesce(${nth(order)}, 9e18))`;

/**
 * The orgs with queued batches in the pool ?1, one look-up for each; then those of them that may lease. `orgMay`
 * reads the target from the pool, since all its batches have the same one. SEARCH batches USING INDEX
 * batches_orgs_due (pool_id=? AND org_id>?)
 */
const openOrgs = `WITH RECURSIVE queuing(org_id) AS (
    SELECT min(org_id) FROM batches WHERE pool_id = ?1 AND queued > 0
    UNION ALL
    SELECT (SELECT min(org_id) FROM batches WHERE pool_id = ?1 AND queued > 0 AND org_id > q.org_id)
    FROM queuing q WHERE q.org_id IS NOT NULL),
  open_orgs AS MATERIALIZED (
    SELECT o.id FROM queuing q CROSS JOIN orgs o ON o.id = q.org_id CROSS JOIN pools b ON b.id = ?1 WHERE ${orgMay})`;

const index = { tag: 'batches_orgs', due_at: 'batches_orgs_due' } as const;

/** The first batches of each open org, at most ?2 in all: an equal number of each, and at least one. */
export const behindSql = (order: Order): string => `${openOrgs}
  SELECT b.id FROM open_orgs o CROSS JOIN batches b ON b.id IN (
    SELECT f.id FROM batches f INDEXED BY ${index[order]} WHERE f.pool_id = ?1 AND f.org_id = o.id AND f.held = 0 AND f.queued > 0
    ORDER BY f.${order} LIMIT CAST(1 + ?2 / (SELECT count(*) FROM open_orgs) AS INTEGER))
  ORDER BY b.${order} LIMIT ?2`;

const isMoreSql = (order: Order) => `SELECT ${nth(order)} AS more`;

/** Whether a pool has batches behind the near ones (`isNear`, with the same `atMost`). */
export async function hasBehind(
  deps: Pick<Deps, 'sql'>,
  poolId: number,
  order: Order,
  atMost = Number.MAX_VALUE,
): Promise<boolean> {
  const [row] = await deps.sql.read(isMoreSql(order), [poolId]);
  return row !== undefined && row.more !== null && Number(row.more) <= atMost;
}

/**
 * The ids of open batches of a pool whose group no device holds, at most `most`, in this order. For use where a read
 * of the near ones has found fewer, and there are others (`hasBehind`). Behind 50 000
 * batches of an org at its cap it finds those of 50 other orgs in 0.2 ms. Reading past the 50 000 one by one took 35
 * to 60 ms at every choice. Reads only.
 */
export async function findBehind(
  deps: Pick<Deps, 'sql'>,
  poolId: number,
  order: Order,
  most: number,
): Promise<number[]> {
  return (await deps.sql.read(behindSql(order), [poolId, most])).map(({ id }) => Number(id));
}
