import type { Statement } from '../../db/statement.ts';

/**
 * An event for each of these pools that has work: their idle devices choose again, since who may serve the pool has
 * changed (the one that was to take a job may be paused now). `which` is SQL of our own that selects pool ids by `?1`;
 * `?2` is now.
 */
export const poolChanged = (which: string, id: string, now: number): Statement => ({
  sql: `INSERT INTO events (at, type, org_id, pool_id)
        SELECT ?2, 'pool_changed', p.owner, p.id FROM pools p
        WHERE p.id IN (${which}) AND EXISTS (SELECT 1 FROM batches b WHERE b.pool_id = p.id AND b.queued > 0)`,
  args: [id, now],
});
