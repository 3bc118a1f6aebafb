import type { Statement } from '../../db/statement.ts';
import { freshTransitions } from '../store/counters.ts';
import type { Deps } from '../store/deps.ts';
import { findLease, type LeaseCaller } from '../store/find-lease.ts';

/**
 * Gives back the jobs of a lease that have not started, without a penalty (row 13 of docs/job-lifecycle.md). Does
 * nothing for a lease that has ended. Errors: `not_found`.
 */
export async function releaseLease(deps: Deps, caller: LeaseCaller, leaseId: string): Promise<void> {
  const lease = await findLease(deps, caller, leaseId);
  if (lease.state === 'active') await deps.sql.write(giveBack(leaseId, deps.now()));
}

/** The statements of a release. A device whose install was not reported counts as empty. */
export const giveBack = (leaseId: string, now: number): Statement[] => [
  {
    sql: `UPDATE devices SET installed_group_id = NULL
          WHERE id = (SELECT device_id FROM leases WHERE id = ? AND state = 'active' AND install = 1 AND installed_at IS NULL)`,
    args: [leaseId],
  },
  requeueScheduled(leaseId, now),
];

/**
 * Queues the jobs of the lease ?1 that have not started, where `also` (SQL) holds. SEARCH jobs USING INDEX jobs_lease
 * (lease_id=?)
 */
export const requeueScheduled = (leaseId: string, now: number, also = 'true'): Statement => ({
  sql: `UPDATE jobs SET status = 'queued', lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?2
        WHERE lease_id = ?1 AND status = 'scheduled' AND ${also}`,
  args: [leaseId, now],
});

/** Ends the leases that lost their last job in this commit. */
export const endEmptyLeases: Statement = {
  sql: `UPDATE leases SET state = 'ended', ended_at = f.at
  FROM (SELECT e.lease_id, max(e.at) AS at FROM events e
    WHERE ${freshTransitions} AND e.lease_id IS NOT NULL AND e.type NOT IN ('scheduled', 'running') GROUP BY e.lease_id) f
  WHERE leases.id = f.lease_id AND state = 'active' AND NOT EXISTS (SELECT 1 FROM jobs WHERE lease_id = leases.id)`,
};
