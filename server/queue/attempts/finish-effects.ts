import type { Statement } from '../../db/statement.ts';
import { type Fence, fenced } from '../store/fence.ts';
import type { LeaseView } from './attempt-view.ts';
import { clearStrikes, strikeDevice } from './device-strikes.ts';
import type { EarlierResult } from './earlier-results.ts';
import type { AttemptEnd } from './end-attempts.ts';
import { appAfter, errorEffects } from './error-classes.ts';
import {
  countFailedInstall,
  endBrokenGroup,
  endSpentGroup,
  type FailedInstall,
  forgetInstalled,
  forgetInstallFailures,
} from './install-effects.ts';

/** The end of an attempt as its agent reports it. */
export interface ReportedEnd extends AttemptEnd {
  readonly lease: LeaseView;
  /** Installs by the framework during the attempt. */
  readonly installs: number;
  /** What the failed attempts before it found. */
  readonly earlier: EarlierResult | undefined;
}

// The same fence as that of the update of the job later in the same write: where the job does not change, nothing does.
const fenceOf = ({ job, leaseId }: AttemptEnd): Fence => ({
  sql: `EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND lease_id = ?2 AND attempt = ?3 AND status = ?4
          AND (cancel_requested_at IS NOT NULL) = ?5 AND (SELECT state FROM leases WHERE id = ?2) = 'active')`,
  args: [job.id, leaseId, job.attempt, job.status, job.cancelRequestedAt === null ? 0 : 1],
});

/** The test ran to a verdict of its own. */
const isResult = ({ ending: { verdict } }: ReportedEnd): boolean =>
  verdict === 'passed' || verdict === 'failed';

const isStrike = ({ ending: { errorClass } }: ReportedEnd): boolean =>
  errorClass !== undefined && errorEffects[errorClass].strikesDevice === true;

/**
 * The effects of a verdict that are written before its job changes: it counts installs, strikes the device or clears
 * its strikes, counts failed installs of the group. `ends` are all ends of the same write.
 */
export function effectsBefore(end: ReportedEnd, now: number, ends: readonly ReportedEnd[]): Statement[] {
  const fence = fenceOf(end);
  const { lease } = end;
  const { errorClass } = end.ending;
  const mayHaveStrikes =
    lease.strikes > 0 || ends.some((one) => isStrike(one) && one.leaseId === end.leaseId);
  return [
    ...(end.installs > 0 ? countInstalls(fence, lease, end.installs) : []),
    ...(isStrike(end) ? [strikeDevice(fence, lease.deviceId, now, end.ending.error)] : []),
    ...(isResult(end) && mayHaveStrikes ? [clearStrikes(fence, lease.deviceId)] : []),
    ...(appAfter(errorClass, 'attempt') === 'failed'
      ? [countFailedInstall(fence, failedInstall(end)), forgetInstalled(fence, lease.deviceId)]
      : []),
  ];
}

/** The effects that are written after its job has changed: the end of the group, which may end this job too. */
export function effectsAfter(end: ReportedEnd, now: number): Statement[] {
  const { errorClass = null } = end.ending;
  const failed = failedInstall(end);
  const app = appAfter(end.ending.errorClass, 'attempt');
  if (app === 'failed') return endSpentGroup(failed, now);
  if (app !== 'broken') return [];
  const isRecorded: Fence = {
    sql: `EXISTS (SELECT 1 FROM attempts WHERE job_id = ?1 AND attempt = ?2 AND lease_id = ?3 AND error_class = ?4)`,
    args: [end.job.id, end.attempt, end.leaseId, errorClass],
  };
  return [endBrokenGroup(isRecorded, failed, now), forgetInstallFailures(isRecorded, end.lease.groupId)];
}

const failedInstall = ({ ending, lease }: ReportedEnd): FailedInstall => ({
  groupId: lease.groupId,
  deviceId: lease.deviceId,
  error: ending.error ?? null,
});

/** Installs by the framework, during the test: they count for the same run as the first install of the lease. */
const countInstalls = (fence: Fence, lease: LeaseView, installs: number): Statement[] => [
  fenced(
    fence,
    (at) => `UPDATE runs SET installs = installs + ${at(1)} WHERE id = ${at(2)} AND ${fence.sql}`,
    installs,
    lease.runId,
  ),
  forgetInstallFailures(fence, lease.groupId),
];

// Only attempts that this same write has recorded: a verdict that came too late teaches nothing. SEARCH a USING INDEX
// sqlite_autoindex_attempts_1 (job_id=? AND attempt=?), SEARCH runs USING its primary key
const recorded = `FROM json_each(?1) i CROSS JOIN attempts a ON a.job_id = i.value ->> 0 AND a.attempt = i.value ->> 1
  WHERE a.lease_id = i.value ->> 2 AND a.finished_at = ?2 AND a.by_server = 0 AND a.verdict IN ('passed', 'failed')
    AND a.retried_tests IS NULL`;

/**
 * Learns from files that passed or failed, those of which only some tests ran excepted, after their attempts were recorded in the same write. Per test and target:
 * a running 0.8-expectile of the duration, which four of five runs stay near or under; it leans to the last runs,
 * since tests grow. Per org: a running mean, for tests that are new.
 */
export function learnDurations(ends: readonly ReportedEnd[], now: number): Statement[] {
  const results = ends.filter(isResult);
  if (results.length === 0) return [];
  const json = JSON.stringify(
    results.map(({ job, attempt, leaseId }) => [
      ...[job.id, attempt, leaseId],
      ...[job.target, job.testPath, job.runId],
    ]),
  );
  return [
    {
      sql: `INSERT INTO durations (org_id, repository_id, target, test_path, p80_ms, changed_at)
            SELECT a.org_id, (SELECT repository_id FROM runs WHERE id = i.value ->> 5), i.value ->> 3, i.value ->> 4, a.duration_ms, ?2 ${recorded}
            ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at, p80_ms = CAST(p80_ms +
              (excluded.p80_ms - p80_ms) * iif(excluded.p80_ms > p80_ms, 0.5, 0.125) AS INTEGER)`,
      args: [json, now],
    },
    {
      sql: `UPDATE orgs SET mean_test_ms = CAST(coalesce(mean_test_ms + (f.ms - mean_test_ms) * 0.1, f.ms) AS INTEGER)
            FROM (SELECT a.org_id AS org, avg(a.duration_ms) AS ms ${recorded} GROUP BY 1) f WHERE orgs.id = f.org`,
      args: [json, now],
    },
  ];
}
