import type { Statement } from '../db/gate.ts';

const ownPoolIsOnline = (since: string) => `EXISTS (
  SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
  WHERE d.pool_id = own.id AND d.listed = 1 AND a.last_seen_at >= ${since})`;

/** The org has a device online for their target: its queued batches leave the shared pool for its own. */
export const moveBatchesToOwnPools = (owner: string, onlineSince: number): Statement => ({
  sql: `UPDATE batches SET pool_id = own.id, tag = own.v + max(0, tag - shared.v)
        FROM pools own CROSS JOIN pools shared ON shared.owner = '' AND shared.target = own.target
        WHERE own.owner = ?1 AND batches.pool_id = shared.id AND batches.queued > 0 AND batches.org_id = ?1
          AND ${ownPoolIsOnline('?2')}`,
  args: [owner, onlineSince],
});

/** No device of an org's own pool is online any more: its queued batches go back to the shared pool. */
export const moveBatchesToSharedPools = (onlineSince: number): Statement => ({
  sql: `UPDATE batches SET pool_id = shared.id, tag = shared.v + max(0, tag - own.v)
        FROM pools own CROSS JOIN pools shared ON shared.owner = '' AND shared.target = own.target
        WHERE own.owner <> '' AND batches.pool_id = own.id AND batches.queued > 0 AND NOT ${ownPoolIsOnline('?1')}
        RETURNING pool_id`,
  args: [onlineSince],
});
