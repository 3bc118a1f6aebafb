import type { Deps } from '../store/deps.ts';
import { orgMay } from './org-may.ts';

/** Batches that no device holds, by rank or by when they are due. */
export type Order = 'tag' | 'due_at';

// Rows that one look may pass over because their org may not lease.
export const looked = 64;

const nth = (
  order: Order,
) => `(SELECT n.${order} FROM batches n WHERE n.pool_id = ?1 AND n.queued > 0 AND n.held = 0
  ORDER BY n.${order} LIMIT 1 OFFSET ${looked - 1})`;

/**
 * Keeps a look at the batches `b` of the pool ?1, in this order, to the first of the index. One org at its cap or paused
 * may have any number of batches there, and a row costs as much where its org may not lease as where it may.
 * `atMost` bounds the order itself. SEARCH n USING INDEX batches_cold, or batches_due (pool_id=?); it adds 5 µs to a look.
 */
export const isNear = (order: Order, atMost = '9e18'): string =>
  // One condition, since an index is entered by one alone: the other would be asked of every row.
  `b.${order} <= min(${atMost}, coalesce(${nth(order)}, 9e18))`;

/**
 * The orgs that have something queued in the pool ?1, one look-up for each, then those that may lease. All batches of a
 * pool have its target. SEARCH batches USING INDEX batches_orgs_due (pool_id=? AND org_id>?)
 */
const openOrgs = `WITH RECURSIVE queuing(org_id) AS (
    SELECT min(org_id) FROM batches WHERE pool_id = ?1 AND queued > 0
    UNION ALL
    SELECT (SELECT min(org_id) FROM batches WHERE pool_id = ?1 AND queued > 0 AND org_id > q.org_id)
    FROM queuing q WHERE q.org_id IS NOT NULL),
  open_orgs AS MATERIALIZED (
    SELECT o.id FROM queuing q CROSS JOIN orgs o ON o.id = q.org_id CROSS JOIN pools b ON b.id = ?1 WHERE ${orgMay})`;

const index = { tag: 'batches_orgs', due_at: 'batches_orgs_due' } as const;

/** The first of each open org, or as many of each as make ?2 together. */
export const behindSql = (order: Order): string => `${openOrgs}
  SELECT b.id FROM open_orgs o CROSS JOIN batches b ON b.id IN (
    SELECT f.id FROM batches f INDEXED BY ${index[order]} WHERE f.pool_id = ?1 AND f.org_id = o.id AND f.held = 0 AND f.queued > 0
    ORDER BY f.${order} LIMIT CAST(1 + ?2 / (SELECT count(*) FROM open_orgs) AS INTEGER))
  ORDER BY b.${order} LIMIT ?2`;

const isMoreSql = (order: Order) => `SELECT ${nth(order)} AS more`;

/**
 * The ids of open batches of a pool that no device holds, `most` at most, in this order: to be asked for where a look at
 * the near ones, up to the same `atMost`, found fewer. None where all were near. Behind 50 000 batches of an org at its
 * cap it finds those of 50 other orgs in 0.2 ms; passing the 50 000 one by one took 35 to 60 ms at every choice. Reads
 * only.
 */
export async function findBehind(
  deps: Pick<Deps, 'sql'>,
  poolId: number,
  order: Order,
  most: number,
  atMost = Number.MAX_VALUE,
): Promise<number[]> {
  const [row] = await deps.sql.read(isMoreSql(order), [poolId]);
  if (row?.more === null || Number(row?.more) > atMost) return [];
  return (await deps.sql.read(behindSql(order), [poolId, most])).map(({ id }) => Number(id));
}
