import type { Statement } from '../../db/statement.ts';
import { type Fence, fenced } from '../store/fence.ts';
import type { LeaseView } from './attempt-view.ts';
import { clearStrikes, strikeDevice } from './device-strikes.ts';
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
  /** Installs within the attempt. */
  readonly installs: number;
}

// The same fence as the move's that follows in the same write: where it moves nothing, nothing else happens either.
const fenceOf = ({ job, leaseId }: AttemptEnd): Fence => ({
  sql: `EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND lease_id = ?2 AND attempt = ?3 AND status = ?4
          AND (cancel_requested_at IS NOT NULL) = ?5 AND (SELECT state FROM leases WHERE id = ?2) = 'active')`,
  args: [job.id, leaseId, job.attempt, job.status, job.cancelRequestedAt === null ? 0 : 1],
});

const isStrike = ({ ending: { errorClass } }: ReportedEnd): boolean =>
  errorClass !== undefined && errorEffects[errorClass].strikesDevice === true;

/**
 * What a verdict does before its job moves: installs counted, the device's strikes, the group's failed installs. `besides`
 * are all that the same write ends.
 */
export function effectsBefore(end: ReportedEnd, now: number, besides: readonly ReportedEnd[]): Statement[] {
  const fence = fenceOf(end);
  const { lease } = end;
  const { verdict, errorClass } = end.ending;
  const isResult = verdict === 'passed' || verdict === 'failed';
  const mayHaveStrikes =
    lease.strikes > 0 || besides.some((one) => isStrike(one) && one.leaseId === end.leaseId);
  return [
    ...(end.installs > 0 ? countInstalls(fence, lease, end.installs) : []),
    ...(isStrike(end) ? [strikeDevice(fence, lease.deviceId, now, end.ending.error)] : []),
    ...(isResult && mayHaveStrikes ? [clearStrikes(fence, lease.deviceId)] : []),
    ...(appAfter(errorClass, 'attempt') === 'failed'
      ? [countFailedInstall(fence, failedInstall(end)), forgetInstalled(fence, lease.deviceId)]
      : []),
  ];
}

/** What it does after that: the end of its group, of which the job itself is then a part like any other. */
export function effectsAfter(end: ReportedEnd, now: number): Statement[] {
  const { errorClass = null } = end.ending;
  const failed = failedInstall(end);
  const app = appAfter(end.ending.errorClass, 'attempt');
  if (app === 'failed') return endSpentGroup(failed, now);
  if (app !== 'broken') return [];
  const recorded: Fence = {
    sql: `EXISTS (SELECT 1 FROM attempts WHERE job_id = ?1 AND attempt = ?2 AND lease_id = ?3 AND error_class = ?4)`,
    args: [end.job.id, end.attempt, end.leaseId, errorClass],
  };
  return [endBrokenGroup(recorded, failed, now), forgetInstallFailures(recorded, end.lease.groupId)];
}

const failedInstall = ({ ending, lease }: ReportedEnd): FailedInstall => ({
  groupId: lease.groupId,
  deviceId: lease.deviceId,
  error: ending.error ?? null,
});

/** A framework that reinstalled the app: it counts for the run that the lease's first install counts for. */
const countInstalls = (fence: Fence, lease: LeaseView, installs: number): Statement[] => [
  fenced(
    fence,
    (at) => `UPDATE runs SET installs = installs + ${at(1)} WHERE id = ${at(2)} AND ${fence.sql}`,
    installs,
    lease.runId,
  ),
  forgetInstallFailures(fence, lease.groupId),
];

/** A test that ran to its verdict on a target: which attempt says so, and of what it was. */
export interface Lasted {
  readonly jobId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly leaseId: string;
  readonly target: string;
  readonly testPath: string;
}

// Only what this same write has recorded teaches: a verdict that came too late left no trace. SEARCH a USING INDEX
// sqlite_autoindex_attempts_1 (job_id=? AND attempt=?), SEARCH runs USING its primary key
const recorded = `FROM json_each(?1) i CROSS JOIN attempts a ON a.job_id = i.value ->> 0 AND a.attempt = i.value ->> 1
  WHERE a.lease_id = i.value ->> 2 AND a.finished_at = ?2 AND a.by_server = 0 AND a.verdict IN ('passed', 'failed')`;

/**
 * Learns from tests that ended, after their attempts were recorded in the same write: a running 0.8-expectile per test and
 * target (four of five runs stay near or under it; it leans to the last ones, as tests grow), and a running mean per org
 * for tests that are new.
 */
export function learnDurations(lasted: readonly Lasted[], now: number): Statement[] {
  if (lasted.length === 0) return [];
  const json = JSON.stringify(
    lasted.map((one) => [one.jobId, one.attempt, one.leaseId, one.target, one.testPath, one.runId]),
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
