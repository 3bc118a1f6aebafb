import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { type AgentCaller, findLease } from '../store/find-agent.ts';

/** Row 13: gives back what has not started, without a penalty. Of a lease that has ended it does nothing. Errors: `not_found`. */
export async function releaseLease(deps: Deps, caller: AgentCaller, leaseId: string): Promise<void> {
  const lease = await findLease(deps, caller, leaseId);
  if (lease.state === 'active') await deps.sql.write(giveBack(leaseId, deps.now()));
}

/** An install that nobody has told the end of leaves the device empty, as far as is known. */
export const giveBack = (leaseId: string, now: number): Statement[] => [
  {
    sql: `UPDATE devices SET installed_group_id = NULL
          WHERE id = (SELECT device_id FROM leases WHERE id = ? AND state = 'active' AND install = 1 AND installed_at IS NULL)`,
    args: [leaseId],
  },
  requeueScheduled(leaseId, now),
];

/** SEARCH jobs USING INDEX jobs_lease (lease_id=?) */
const requeueScheduled = (leaseId: string, now: number): Statement => ({
  sql: `UPDATE jobs SET status = 'queued', lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?2
        WHERE lease_id = ?1 AND status = 'scheduled'`,
  args: [leaseId, now],
});
