import type { Statement } from '../../db/statement.ts';
import { type Fence, fenced } from '../store/fence.ts';
import type { LeaseView } from './attempt-view.ts';
import { clearStrikes, strikeDevice } from './device-strikes.ts';
import type { EarlierResult } from './earlier-results.ts';
import type { AttemptEnd } from './end-attempts.ts';
import { appAfter, errorEffects } from './error-classes.ts';
import { holdDevice } from './hold-device.ts';
import {
  countFailedInstall,
  endBrokenGroup,
  endHunt,
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
  /** Starts of web servers by the framework. */
  readonly serves: number;
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

const isStrike = ({ ending: { errorClass }, lease }: ReportedEnd): boolean =>
  !lease.isServerHunt && errorClass !== undefined && errorEffects[errorClass].strikesDevice === true;

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
    ...(end.serves > 0 ? [countServes(fence, end)] : []),
    ...(isStrike(end) ? [strikeDevice(fence, lease.deviceId, now, end.ending.error)] : []),
    ...(isResult(end) && mayHaveStrikes ? [clearStrikes(fence, lease.deviceId)] : []),
    ...(appAfter(errorClass, 'attempt') === 'failed'
      ? [
          ...(lease.isServerHunt ? [] : [countFailedInstall(fence, failedInstall(end))]),
          forgetInstalled(fence, lease.deviceId),
        ]
      : []),
  ];
}

/**
 * The effects that are written after its job has changed: the device that is held as it is; the end of the group, or of the
 * hunt, which may end this job too.
 */
export function effectsAfter(end: ReportedEnd, now: number): Statement[] {
  const { errorClass = null, verdict } = end.ending;
  if (verdict === 'failed' && end.lease.isLone) return holdDevice(end, now);
  const failed = failedInstall(end);
  const app = appAfter(end.ending.errorClass, 'attempt');
  if (app === undefined) return [];
  if (app === 'failed' && !end.lease.isServerHunt) return endSpentGroup(failed, now);
  const isRecorded: Fence = {
    sql: `EXISTS (SELECT 1 FROM attempts WHERE job_id = ?1 AND attempt = ?2 AND lease_id = ?3 AND error_class = ?4)`,
    args: [end.job.id, end.attempt, end.leaseId, errorClass],
  };
  if (end.lease.isServerHunt) return [endHunt(isRecorded, { ...failed, runId: end.lease.runId, app }, now)];
  return [endBrokenGroup(isRecorded, failed, now), forgetInstallFailures(isRecorded, end.lease.groupId)];
}

const failedInstall = ({ ending, lease }: ReportedEnd): FailedInstall => ({
  groupId: lease.groupId,
  deviceId: lease.deviceId,
  error: ending.error ?? null,
});

/** Web servers are those of the job's own run, also where the lease was made for another one. */
const countServes = (fence: Fence, { serves, job }: ReportedEnd): Statement =>
  fenced(
    fence,
    (at) => `UPDATE runs SET serves = serves + ${at(1)} WHERE id = ${at(2)} AND ${fence.sql}`,
    serves,
    job.runId,
  );

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
