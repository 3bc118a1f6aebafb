import type { Deps } from '../store/deps.ts';

/**
 * At a start: computes the weights of pools and groups anew from their batches. The running sums of fractions drift,
 * which does little harm, since weights only steer the choice.
 */
export async function repairPools(deps: Deps): Promise<void> {
  await deps.sql.write([
    {
      sql: `UPDATE pools SET
              queued_weight = (SELECT coalesce(sum(weight), 0) FROM batches WHERE pool_id = pools.id AND queued > 0),
              virtual_weight = (SELECT coalesce(sum(weight), 0) FROM batches WHERE pool_id = pools.id AND virtual = 1)`,
    },
    {
      sql: `UPDATE groups SET queued_weight = (SELECT coalesce(sum(weight), 0) FROM batches WHERE group_id = groups.id AND queued > 0)
            WHERE queued + leased > 0`,
    },
  ]);
}
