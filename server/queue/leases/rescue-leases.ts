import type { Deps } from '../store/deps.ts';
import { expireLease, overdueGraceMs } from './expire-lease.ts';

const leasesPerPass = 20;

/**
 * Expires the leases whose agent was not heard for one TTL; answers how many. SEARCH leases USING INDEX leases_expiry.
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
 * Expires the leases in which a test has run far past its timeout although the agent sends heartbeats (row 20 of
 * docs/job-lifecycle.md); answers how many. `watchedSince`: when this process started. SEARCH jobs USING INDEX
 * jobs_running.
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
