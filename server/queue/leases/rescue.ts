import type { Deps } from '../store/deps.ts';
import { expireLease, overdueGraceMs } from './expire-lease.ts';

const leasesPerPass = 20;

/**
 * Takes back leases whose agent has not been heard for a TTL. SEARCH leases USING INDEX leases_expiry. Answers how many.
 */
export async function rescueExpired(deps: Deps): Promise<number> {
  const now = deps.now();
  const past = await deps.sql.read(
    `SELECT id FROM leases WHERE state = 'active' AND expires_at < ? ORDER BY expires_at LIMIT ?`,
    [now, leasesPerPass],
  );
  let rescued = 0;
  for (const row of past) {
    const why = 'the agent was not heard for one lease TTL';
    if (await expireLease(deps, { leaseId: String(row.id), why, before: now })) rescued += 1;
  }
  return rescued;
}

/**
 * Row 20: takes back the leases in which a test has run far past its time though the agent still beats. SEARCH jobs
 * USING INDEX jobs_running. `watchedSince`: when this process began to watch. Answers how many.
 */
export async function rescueOverdue(deps: Deps, watchedSince = 0): Promise<number> {
  const late = await deps.sql.read(
    `SELECT lease_id FROM jobs WHERE status = 'running' AND (started_at + timeout_ms) < ?1 AND timeout_ms < ?1 - ?2
     ORDER BY (started_at + timeout_ms) LIMIT ?3`,
    [deps.now() - overdueGraceMs, watchedSince, leasesPerPass],
  );
  let rescued = 0;
  for (const row of late) {
    const expiry = {
      leaseId: String(row.lease_id),
      why: 'another test of the lease hung',
      overdueSince: watchedSince,
    };
    if (await expireLease(deps, expiry)) rescued += 1;
  }
  return rescued;
}
