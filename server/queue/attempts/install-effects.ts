import type { Statement } from '../../db/statement.ts';
import { type Fence, fenced } from '../store/fence.ts';

/** An install that went wrong: where, of what, and why. */
export interface FailedInstall {
  readonly groupId: number;
  readonly deviceId: string;
  readonly error: string | null;
}

const failuresToEnd = 3;

/** The device has nothing installed, as far as one can tell. */
export const forgetInstalled = (fence: Fence, deviceId: string): Statement =>
  fenced(
    fence,
    (at) => `UPDATE devices SET installed_group_id = NULL WHERE id = ${at(1)} AND ${fence.sql}`,
    deviceId,
  );

/** An install that worked: what went wrong before it is forgotten. */
export const forgetInstallFailures = (fence: Fence, groupId: number): Statement =>
  fenced(
    fence,
    (at) => `UPDATE groups SET install_failures = 0, install_failed_device = NULL
             WHERE id = ${at(1)} AND install_failures > 0 AND ${fence.sql}`,
    groupId,
  );

/** Row 10: one more failed install of the group. After three in a row, or one on a second device, the app is to blame. */
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
 * Row 21, after the count in the same write: of a group that has spent its installs, every job that has not started
 * ends, and the count starts again.
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

/** Row 21: the app file itself is invalid, so no job of the group can ever run. Running ones go on to their verdict. */
export const endBrokenGroup = (fence: Fence, { groupId, error }: FailedInstall, now: number): Statement =>
  fenced(fence, (at) => `${endSet('build_error', at)} AND ${fence.sql}`, groupId, error, now);

const endSet = (outcome: string, at = (n: number) => `?${n}`) => `UPDATE jobs SET status = 'errored',
    outcome = '${outcome}', error = ${at(2)}, wait_reason = NULL, run_at = NULL, lease_id = NULL,
    changed_at = ${at(3)}, finalized_at = ${at(3)}
  WHERE group_id = ${at(1)} AND status IN ('waiting', 'queued', 'scheduled')`;
