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
