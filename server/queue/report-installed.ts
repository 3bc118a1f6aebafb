import { eq } from 'drizzle-orm';
import type { InstalledReport } from '../../protocol/shapes/agent.ts';
import type { Statement } from '../db/gate.ts';
import { itemsOf, itemsSql, toItems } from '../db/items.ts';
import { jobs } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import { strikeDevice } from './device-strikes.ts';
import { avoidMs } from './end-attempts.ts';
import { appAfter, errorRules } from './error-rules.ts';
import { type AgentCaller, findLiveLease } from './find-agent.ts';
import { type Guard, guarded } from './guard.ts';
import {
  countFailedInstall,
  endBrokenGroup,
  endSpentGroup,
  forgetInstalled,
  forgetInstallFailures,
} from './install-effects.ts';
import { judgeInstall } from './judge.ts';
import type { JobRow, LeaseRow } from './rows.ts';

/**
 * How the install of a lease went. A good one is counted for the run of the lease's first job. A bad one ends the lease, by
 * the table of error classes that verdicts go by too (`errorRules`): `build_error` ends every job of the group; after the
 * others the lease's jobs wait (row 10). Errors: `not_found`, `lease_lost`.
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
  if (report.ok) {
    await deps.gate.write(installed(lease, report, now));
    return;
  }
  const held = await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId));
  await deps.gate.write(notInstalled(deps, lease, held, report, now));
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

function notInstalled(
  deps: Deps,
  lease: LeaseRow,
  held: readonly JobRow[],
  report: InstalledReport,
  now: number,
): Statement[] {
  const live = liveOf(lease);
  const { groupId, deviceId } = lease;
  const errorClass = report.error_class ?? 'install_failed';
  const failed = { groupId, deviceId, error: report.error ?? 'the install failed' };
  const app = appAfter(errorClass, 'install');
  const ending = { verdict: 'error', errorClass, error: failed.error } as const;
  const waits = held.map((job) => toWait(job, judgeInstall(job, ending, now, deps.random()), deviceId, now));
  return [
    forgetInstalled(live, deviceId),
    ...(errorRules[errorClass].strikesDevice ? [strikeDevice(live, deviceId, now, failed.error)] : []),
    ...(app === 'failed' ? [countFailedInstall(live, failed)] : []),
    ...(app === 'broken' ? [endBrokenGroup(live, failed, now), forgetInstallFailures(live, groupId)] : []),
    sendBack(lease.id, waits, now),
    ...(app === 'failed' ? endSpentGroup(failed, now) : []),
  ];
}

const fields = ['seq', 'status', 'waitReason', 'runAt', 'error', 'avoidDevice', 'avoidUntil'] as const;
type Wait = Record<(typeof fields)[number], string | number | null>;
const item = itemsOf(fields);

const toWait = (
  { seq }: JobRow,
  { status, waitReason, runAt, error, avoid }: ReturnType<typeof judgeInstall>,
  deviceId: string,
  now: number,
): Wait => ({
  ...{ seq, status, waitReason, runAt, error },
  avoidDevice: avoid ? deviceId : null,
  avoidUntil: avoid ? now + avoidMs : null,
});

/** Those that are still in the lease, not started. Ends the lease too, with its last job. */
const sendBack = (leaseId: string, waits: readonly Wait[], now: number): Statement => ({
  sql: `${itemsSql} UPDATE jobs SET status = ${item('status')}, wait_reason = ${item('waitReason')},
          run_at = ${item('runAt')}, error = ${item('error')}, avoid_device = ${item('avoidDevice')},
          avoid_until = ${item('avoidUntil')}, lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?3
        FROM i WHERE jobs.seq = ${item('seq')} AND jobs.lease_id = ?2 AND jobs.status = 'scheduled'`,
  args: [toItems(fields, waits), leaseId, now],
});
