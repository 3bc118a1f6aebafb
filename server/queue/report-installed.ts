import type { InstalledReport } from '../../protocol/shapes/agent.ts';
import type { Statement } from '../db/gate.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, findLiveLease } from './find-agent.ts';
import type { LeaseRow } from './rows.ts';

const installFailuresToEnd = 3;
const quarantineMs = 10 * 60_000;

/**
 * How the install of a lease went. A good one is counted for the run of the lease's first job. A bad one ends the
 * lease: `build_error` ends every job of the group; the others send the lease's jobs to waiting (row 10).
 * Errors: `not_found`, `lease_lost`.
 */
export async function reportInstalled(
  deps: Deps,
  caller: AgentCaller,
  leaseId: string,
  report: InstalledReport,
): Promise<void> {
  const lease = await findLiveLease(deps, caller, leaseId);
  if (lease.installedAt !== null) return;
  const now = deps.now();
  await deps.gate.write(report.ok ? installed(lease, report, now) : notInstalled(lease, report, now));
}

const live = `EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND state = 'active' AND installed_at IS NULL)`;

function installed(lease: LeaseRow, report: InstalledReport, now: number): Statement[] {
  return [
    {
      sql: `UPDATE runs SET installs = installs + ?2 WHERE id = ?3 AND ${live}`,
      args: [lease.id, report.installs, lease.runId],
    },
    {
      // The mean leans to the last ones: an app grows. Whole: numbers are bound as REAL, and the column is an INTEGER.
      sql: `UPDATE groups SET install_failures = 0, install_failed_device = NULL,
              setup_ms = CASE WHEN ?2 = 0 THEN setup_ms ELSE coalesce(CAST((setup_ms * 3 + ?3) / 4 AS INTEGER), ?3) END
            WHERE id = ?4 AND ${live}`,
      args: [lease.id, report.installs, report.duration_ms, lease.groupId],
    },
    { sql: `UPDATE leases SET installed_at = ?2 WHERE id = ?1 AND state = 'active'`, args: [lease.id, now] },
  ];
}

function notInstalled(lease: LeaseRow, report: InstalledReport, now: number): Statement[] {
  const errorClass = report.error_class ?? 'install_failed';
  const error = report.error ?? 'the install failed';
  const isStrike = errorClass === 'install_failed' || errorClass === 'infra_error';
  return [
    {
      sql: `UPDATE devices SET installed_group_id = NULL WHERE id = ?2 AND ${live}`,
      args: [lease.id, lease.deviceId],
    },
    ...(isStrike ? [strike(lease, now)] : []),
    ...(errorClass === 'install_failed' ? [countFailure(lease)] : []),
    ...(errorClass === 'build_error' ? [endGroup(lease, errorClass, error, now)] : []),
    ...(errorClass === 'install_failed' ? [endSpentGroup(lease, error, now), forgetSpentGroup(lease)] : []),
    sendToWaiting(lease, errorClass === 'capacity' ? 'capacity' : 'install_failed', error, now),
  ];
}

const strike = (lease: LeaseRow, now: number): Statement => ({
  sql: `UPDATE devices SET strikes = strikes + 1,
          quarantined_until = CASE WHEN strikes + 1 >= 3 THEN ?3 ELSE quarantined_until END
        WHERE id = ?2 AND ${live}`,
  args: [lease.id, lease.deviceId, now + quarantineMs],
});

/** A failure on a second device is as final as the third one: the count then jumps to its end. */
const countFailure = (lease: LeaseRow): Statement => ({
  sql: `UPDATE groups SET
          install_failures = CASE WHEN install_failed_device <> ?3 THEN ${installFailuresToEnd} ELSE install_failures + 1 END,
          install_failed_device = ?3
        WHERE id = ?2 AND ${live}`,
  args: [lease.id, lease.groupId, lease.deviceId],
});

const endGroupSet = `UPDATE jobs SET status = 'errored', outcome = ?3, error = ?4, wait_reason = NULL, run_at = NULL,
    lease_id = NULL, changed_at = ?5, finalized_at = ?5
  WHERE group_id = ?2 AND status IN ('waiting', 'queued', 'scheduled')`;

const endGroup = (lease: LeaseRow, outcome: string, error: string, now: number): Statement => ({
  sql: `${endGroupSet} AND ${live}`,
  args: [lease.id, lease.groupId, outcome, error, now],
});

const endSpentGroup = (lease: LeaseRow, error: string, now: number): Statement => ({
  sql: `${endGroupSet} AND ${live}
    AND (SELECT install_failures FROM groups WHERE id = ?2) >= ${installFailuresToEnd}`,
  args: [lease.id, lease.groupId, 'install_failed', error, now],
});

const forgetSpentGroup = (lease: LeaseRow): Statement => ({
  sql: `UPDATE groups SET install_failures = 0, install_failed_device = NULL
        WHERE id = ? AND install_failures >= ${installFailuresToEnd}`,
  args: [lease.groupId],
});

/** Ends the lease too, with its last job. */
const sendToWaiting = (lease: LeaseRow, reason: string, error: string, now: number): Statement => ({
  sql: `UPDATE jobs SET status = 'waiting', wait_reason = ?2, run_at = ?3, error = ?4, lease_id = NULL,
          agent_id = NULL, device_id = NULL, changed_at = ?5
        WHERE lease_id = ?1 AND status = 'scheduled'`,
  args: [lease.id, reason, now + 30_000, error, now],
});
