import type { Statement } from '../../db/statement.ts';
import { hasNotStarted } from '../store/cancel-jobs.ts';
import { type Fence, fenced } from '../store/fence.ts';

/** A failed install of a group on a device. */
export interface FailedInstall {
  readonly groupId: number;
  readonly deviceId: string;
  readonly error: string | null;
}

const failuresToEnd = 3;

/** The server no longer knows what the device has installed. */
export const forgetInstalled = (fence: Fence, deviceId: string): Statement =>
  fenced(
    fence,
    (at) => `UPDATE devices SET installed_group_id = NULL WHERE id = ${at(1)} AND ${fence.sql}`,
    deviceId,
  );

/** After a good install, the failed installs of the group before it no longer count. */
export const forgetInstallFailures = (fence: Fence, groupId: number): Statement =>
  fenced(
    fence,
    (at) => `UPDATE groups SET install_failures = 0, install_failed_device = NULL
             WHERE id = ${at(1)} AND install_failures > 0 AND ${fence.sql}`,
    groupId,
  );

/**
 * Counts a failed install of the group (row 10). Three in a row, or one on a second device, and the app is to blame.
 */
export const countFailedInstall = (fence: Fence, { groupId, deviceId }: FailedInstall): Statement =>
  fenced(
    fence,
    (at) => `UPDATE groups SET install_failed_device = ${at(2)}, install_failures =
               CASE WHEN install_failed_device <> ${at(2)} THEN ${failuresToEnd} ELSE install_failures + 1 END
             WHERE id = ${at(1)} AND ${fence.sql}`,
    groupId,
    deviceId,
  );

/**
 * For use after `countFailedInstall` in the same write (row 21): where the app is to blame, ends every job of the
 * group that has not started, and starts the count again.
 */
export const endSpentGroup = ({ groupId, error }: FailedInstall, now: number): Statement[] => [
  {
    sql: `${endSet('install_failed')} AND (SELECT install_failures FROM groups WHERE id = ?1) >= ${failuresToEnd}`,
    args: [groupId, error, now],
  },
  {
    sql: `UPDATE groups SET install_failures = 0, install_failed_device = NULL
          WHERE id = ? AND install_failures >= ${failuresToEnd}`,
    args: [groupId],
  },
];

/** Ends every job of the group that has not started (row 21): the app file is invalid. Running jobs go on. */
export const endBrokenGroup = (fence: Fence, { groupId, error }: FailedInstall, now: number): Statement =>
  fenced(fence, (at) => `${endSet('build_error', at)} AND ${fence.sql}`, groupId, error, now);

/** A failed install of a hunt that the server began by itself. */
interface FailedHunt extends Pick<FailedInstall, 'error'> {
  readonly runId: string;
  readonly app: 'broken' | 'failed';
}

/**
 * Ends every job of the hunt that has not started, at its first failed install. It counts nothing for the group: the runs of
 * people that share it find out by themselves whether the app is to blame.
 */
export const endHunt = (fence: Fence, { runId, error, app }: FailedHunt, now: number): Statement =>
  fenced(
    fence,
    (at) => `${endSet(app === 'broken' ? 'build_error' : 'install_failed', at, 'run_id')} AND ${fence.sql}`,
    runId,
    error,
    now,
  );

const endSet = (
  outcome: string,
  at = (n: number) => `?${n}`,
  of = 'group_id',
) => `UPDATE jobs SET status = 'errored',
    outcome = '${outcome}', error = ${at(2)}, wait_reason = NULL, run_at = NULL, lease_id = NULL,
    changed_at = ${at(3)}, finalized_at = ${at(3)}
  WHERE ${of} = ${at(1)} AND ${hasNotStarted}`;
