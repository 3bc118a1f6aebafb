import type { InstalledReport } from '../../../protocol/shapes/agent.ts';
import { bulkSql, bulkValues, toBulkParameter } from '../../db/bulk-parameters.ts';
import { eq } from '../../db/drizzle.ts';
import { jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import {
  afterInstall,
  appAfter,
  avoidMs,
  countFailedInstall,
  endBrokenGroup,
  endHunt,
  endSpentGroup,
  errorEffects,
  forgetInstalled,
  forgetInstallFailures,
  strikeDevice,
} from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';
import { type Fence, fenced } from '../store/fence.ts';
import { findLiveLease, type LeaseCaller } from '../store/find-lease.ts';
import type { JobRow, LeaseRow } from '../store/rows.ts';

/**
 * Notes the result of a lease's install. A good install is counted for the run of the lease's first job, or where that was
 * cancelled meanwhile for the run of another one: what a run that has ended says changes no more. A failed one ends the lease, by the same table of error classes as for verdicts (`errorEffects`): `build_error` ends every job
 * of the group; after other errors the jobs of the lease wait (row 10 of docs/job-lifecycle.md). That of a hunt that the
 * server began by itself ends this hunt alone. Errors: `not_found`, `lease_lost`.
 */
export async function reportInstalled(
  deps: Deps,
  caller: LeaseCaller,
  leaseId: string,
  report: InstalledReport,
): Promise<void> {
  const lease = await findLiveLease(deps, caller, leaseId);
  if (lease.installedAt !== null) return;
  const now = deps.now();
  if (report.ok) {
    await deps.sql.write(installed(lease, report, now));
    if (report.installs > 0) {
      deps.meter.count('installs', {}, report.installs);
      deps.meter.time('install', {}, report.duration_ms);
    }
    return;
  }
  const leased = await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId));
  const [run] = await deps.sql.read('SELECT quarantine_id FROM runs WHERE id = ?', [lease.runId]);
  const isServerHunt = run !== undefined && run.quarantine_id !== null;
  await deps.sql.write(notInstalled(deps, lease, leased, { ...report, isServerHunt }, now));
  deps.meter.count('installErrors', { class: report.error_class ?? 'install_failed' });
}

/** The lease is live, and its install was not reported yet. */
const liveOf = (lease: LeaseRow): Fence => ({
  sql: `EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND state = 'active' AND installed_at IS NULL)`,
  args: [lease.id],
});

/** The run `id` if a job of it is still in the lease ?1, else that of another job that is (SQL). */
const runInLease = (id: string): string => {
  const inLease = 'SELECT j.run_id FROM jobs j WHERE j.lease_id = ?1';
  return `coalesce((${inLease} AND j.run_id = ${id} LIMIT 1), (${inLease} ORDER BY j.seq LIMIT 1))`;
};

function installed(lease: LeaseRow, report: InstalledReport, now: number): Statement[] {
  const live = liveOf(lease);
  return [
    fenced(
      live,
      (at) =>
        `UPDATE runs SET installs = installs + ${at(1)} WHERE id = ${runInLease(at(2))} AND ${live.sql}`,
      report.installs,
      lease.runId,
    ),
    forgetInstallFailures(live, lease.groupId),
    learnSetup(live, lease.groupId, report.duration_ms),
    tellRun(live, lease),
    trustDevice(live, lease.deviceId),
    { sql: `UPDATE leases SET installed_at = ?2 WHERE id = ?1 AND state = 'active'`, args: [lease.id, now] },
  ];
}

/**
 * A mean that leans to the last installs, since apps grow; where nothing has to be installed, that is learned too. Cast, because numbers are bound as REAL and the column is an
 * INTEGER.
 */
const learnSetup = (live: Fence, groupId: number, durationMs: number): Statement =>
  fenced(
    live,
    (at) => `UPDATE groups SET setup_ms = coalesce(CAST((setup_ms * 3 + ${at(2)}) / 4 AS INTEGER), ${at(2)})
             WHERE id = ${at(1)} AND ${live.sql}`,
    groupId,
    durationMs,
  );

/** What the install took is known for the run too: its report says what the saved ones would have taken. */
const tellRun = (live: Fence, { runId, groupId }: LeaseRow): Statement =>
  fenced(
    live,
    (at) => `UPDATE runs SET install_ms = (SELECT setup_ms FROM groups WHERE id = ${at(2)})
             WHERE id = ${runInLease(at(1))} AND ${live.sql}`,
    runId,
    groupId,
  );

/** From now on its agent knows what is on it, also where a person had it before. */
const trustDevice = (live: Fence, deviceId: string): Statement =>
  fenced(
    live,
    (at) => `UPDATE devices SET doubted = 0 WHERE id = ${at(1)} AND doubted = 1 AND ${live.sql}`,
    deviceId,
  );

function notInstalled(
  deps: Deps,
  lease: LeaseRow,
  leased: readonly JobRow[],
  report: InstalledReport & { readonly isServerHunt: boolean },
  now: number,
): Statement[] {
  const live = liveOf(lease);
  const { groupId, deviceId, runId } = lease;
  const errorClass = report.error_class ?? 'install_failed';
  const failed = { groupId, deviceId, error: report.error ?? 'the install failed' };
  const app = appAfter(errorClass, 'install');
  const ending = { verdict: 'error', errorClass, error: failed.error } as const;
  const waits = leased.map((job) =>
    toWait(job, afterInstall(job, ending, now, deps.random()), deviceId, now),
  );
  const forget = forgetInstalled(live, deviceId);
  if (report.isServerHunt) {
    const end = app === undefined ? [] : [endHunt(live, { runId, app, error: failed.error }, now)];
    return [forget, ...end, sendBack(lease.id, waits, now)];
  }
  return [
    forget,
    ...(errorEffects[errorClass].strikesDevice ? [strikeDevice(live, deviceId, now, failed.error)] : []),
    ...(app === 'failed' ? [countFailedInstall(live, failed)] : []),
    ...(app === 'broken' ? [endBrokenGroup(live, failed, now), forgetInstallFailures(live, groupId)] : []),
    sendBack(lease.id, waits, now),
    ...(app === 'failed' ? endSpentGroup(failed, now) : []),
  ];
}

const fields = ['seq', 'status', 'waitReason', 'runAt', 'error', 'avoidDevice', 'avoidUntil'] as const;
type Wait = Record<(typeof fields)[number], string | number | null>;
const item = bulkValues(fields);

const toWait = (
  { seq }: JobRow,
  { status, waitReason, runAt, error, avoid }: ReturnType<typeof afterInstall>,
  deviceId: string,
  now: number,
): Wait => ({
  ...{ seq, status, waitReason, runAt, error },
  avoidDevice: avoid ? deviceId : null,
  avoidUntil: avoid ? now + avoidMs : null,
});

/** For the jobs that are still in the lease and have not started, unless another report came first. The lease ends with its last job. */
const sendBack = (leaseId: string, waits: readonly Wait[], now: number): Statement => ({
  sql: `${bulkSql} UPDATE jobs SET status = ${item('status')}, wait_reason = ${item('waitReason')},
          run_at = ${item('runAt')}, error = ${item('error')}, avoid_device = ${item('avoidDevice')},
          avoid_until = ${item('avoidUntil')}, lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?3
        FROM i WHERE jobs.seq = ${item('seq')} AND jobs.lease_id = ?2 AND jobs.status = 'scheduled'
          AND EXISTS (SELECT 1 FROM leases WHERE id = ?2 AND state = 'active' AND installed_at IS NULL)`,
  args: [toBulkParameter(fields, waits), leaseId, now],
});
