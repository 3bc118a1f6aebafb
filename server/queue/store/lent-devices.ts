import type { Statement } from '../../db/statement.ts';

/**
 * What is on the devices of these borrows, which began or ended at `now`, is not known any more: a person had them. Until
 * the next install their agents' words do not count either. SEARCH devices USING PRIMARY KEY
 */
export const lentNow = (borrowIds: readonly string[], now: number): Statement => ({
  sql: `UPDATE devices SET installed_group_id = NULL, pinned = 0, doubted = 1 WHERE id IN (
          SELECT w.device_id FROM json_each(?1) i CROSS JOIN borrows w ON w.id = i.value
          WHERE w.device_id IS NOT NULL AND ?2 IN (w.granted_at, w.ended_at))`,
  args: [JSON.stringify(borrowIds), now],
});

/** An event for each pool of these borrows: who may serve it has changed, or who waits for it. */
export const poolsChanged = (borrowIds: readonly string[], now: number): Statement => ({
  sql: `INSERT INTO events (at, type, org_id, pool_id)
        SELECT DISTINCT ?2, 'pool_changed', p.owner, p.id
        FROM json_each(?1) i CROSS JOIN borrows w ON w.id = i.value CROSS JOIN pools p ON p.id = w.pool_id`,
  args: [JSON.stringify(borrowIds), now],
});
