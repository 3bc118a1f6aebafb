import type { Deps } from './deps.ts';
import { type AgentCaller, findLease } from './find-agent.ts';

/** Row 13: gives back what has not started, without a penalty. Of a lease that has ended it does nothing. Errors: `not_found`. */
export async function releaseLease(deps: Deps, caller: AgentCaller, leaseId: string): Promise<void> {
  const lease = await findLease(deps, caller, leaseId);
  if (lease.state === 'active') await deps.gate.write([requeueScheduled(leaseId, deps.now())]);
}

/** SEARCH jobs USING INDEX jobs_lease (lease_id=?) */
export const requeueScheduled = (leaseId: string, now: number) => ({
  sql: `UPDATE jobs SET status = 'queued', lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?2
        WHERE lease_id = ?1 AND status = 'scheduled'`,
  args: [leaseId, now],
});
