import type { InstalledReport } from '../../protocol/shapes/agent.ts';
import type { Statement } from '../db/gate.ts';
import type { Deps } from './deps.ts';
import { strikeDevice } from './device-strikes.ts';
import { errorRules, installWaitMs } from './error-rules.ts';
import { type AgentCaller, findLiveLease } from './find-agent.ts';
import { type Guard, guarded } from './guard.ts';
import {
  countFailedInstall,
  endBrokenGroup,
  endSpentGroup,
  forgetInstallFailures,
} from './install-effects.ts';
import type { LeaseRow } from './rows.ts';

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

/** The lease lives, and nothing was said of its install yet. */
const liveOf = (lease: LeaseRow): Guard => ({
  sql: `EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND state = 'active' AND installed_at IS NULL)`,
  args: [lease.id],
});

function installed(lease: LeaseRow, report: InstalledReport, now: number): Statement[] {
  const live = liveOf(lease);
  return [
    guarded(
      live,
      (at) => `UPDATE runs SET installs = installs + ${at(1)} WHERE id = ${at(2)} AND ${live.sql}`,
      report.installs,
      lease.runId,
    ),
    forgetInstallFailures(live, lease.groupId),
    ...(report.installs > 0 ? [learnSetup(live, lease.groupId, report.duration_ms)] : []),
    { sql: `UPDATE leases SET installed_at = ?2 WHERE id = ?1 AND state = 'active'`, args: [lease.id, now] },
  ];
}

/** The mean leans to the last ones: an app grows. Whole: numbers are bound as REAL, and the column is an INTEGER. */
const learnSetup = (live: Guard, groupId: number, durationMs: number): Statement =>
  guarded(
    live,
    (at) => `UPDATE groups SET setup_ms = coalesce(CAST((setup_ms * 3 + ${at(2)}) / 4 AS INTEGER), ${at(2)})
             WHERE id = ${at(1)} AND ${live.sql}`,
    groupId,
    durationMs,
  );

function notInstalled(lease: LeaseRow, report: InstalledReport, now: number): Statement[] {
  const live = liveOf(lease);
  const errorClass = report.error_class ?? 'install_failed';
  const failed = {
    groupId: lease.groupId,
    deviceId: lease.deviceId,
    error: report.error ?? 'the install failed',
  };
  return [
    guarded(
      live,
      (at) => `UPDATE devices SET installed_group_id = NULL WHERE id = ${at(1)} AND ${live.sql}`,
      lease.deviceId,
    ),
    ...(errorRules[errorClass].strikesDevice ? [strikeDevice(live, lease.deviceId, now)] : []),
    ...(errorClass === 'install_failed' ? [countFailedInstall(live, failed)] : []),
    ...(errorClass === 'build_error'
      ? [endBrokenGroup(live, failed, now), forgetInstallFailures(live, lease.groupId)]
      : []),
    sendToWaiting(lease, errorClass === 'capacity' ? 'capacity' : 'install_failed', failed.error, now),
    ...(errorClass === 'install_failed' ? endSpentGroup(failed, now) : []),
  ];
}

/** Ends the lease too, with its last job. */
const sendToWaiting = (lease: LeaseRow, reason: string, error: string, now: number): Statement => ({
  sql: `UPDATE jobs SET status = 'waiting', wait_reason = ?2, run_at = ?3, error = ?4, lease_id = NULL,
          agent_id = NULL, device_id = NULL, changed_at = ?5
        WHERE lease_id = ?1 AND status = 'scheduled'`,
  args: [lease.id, reason, now + installWaitMs, error, now],
});
