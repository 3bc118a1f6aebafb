import type { Statement } from '../db/gate.ts';
import type { AttemptEnd } from './end-attempts.ts';
import type { LeaseRow } from './rows.ts';

const quarantineMs = 10 * 60_000;
const strikesToQuarantine = 3;

// The same fence as the move's that follows in the same write: where it moves nothing, nothing else happens either.
const fence = `EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND lease_id = ?2 AND attempt = ?3 AND status = ?4
  AND (cancel_requested_at IS NOT NULL) = ?5)`;

const fenceArgs = ({ job, leaseId }: AttemptEnd) => [
  job.id,
  leaseId,
  job.attempt,
  job.status,
  job.cancelRequestedAt === null ? 0 : 1,
];

/** What a verdict does beside moving its job: installs counted, the device's strikes, the end of a broken group. */
export function finishEffects(
  lease: LeaseRow,
  end: AttemptEnd & { readonly installs: number },
  now: number,
): Statement[] {
  return [
    ...(end.installs > 0 ? [countInstalls(lease, end)] : []),
    markDevice(lease, end, now),
    ...(end.ending.errorClass === 'build_error' ? [endGroup(lease, end, now)] : []),
  ];
}

/** A framework that reinstalled the app: it counts for the run that the lease's first install counts for. */
const countInstalls = (lease: LeaseRow, end: AttemptEnd & { readonly installs: number }): Statement => ({
  sql: `UPDATE runs SET installs = installs + ?6 WHERE id = ?7 AND ${fence}`,
  args: [...fenceArgs(end), end.installs, lease.runId],
});

/** Three infrastructure errors in a row rest the device; any verdict of a test clears them. */
function markDevice(lease: LeaseRow, end: AttemptEnd, now: number): Statement {
  const args = [...fenceArgs(end), lease.deviceId];
  if (end.ending.errorClass !== 'infra_error' && end.ending.errorClass !== 'install_failed') {
    const isResult = end.ending.verdict === 'passed' || end.ending.verdict === 'failed';
    return {
      sql: `UPDATE devices SET strikes = 0 WHERE id = ?6 AND strikes > 0 AND ?7 = 1 AND ${fence}`,
      args: [...args, isResult ? 1 : 0],
    };
  }
  return {
    sql: `UPDATE devices SET strikes = strikes + 1,
            quarantined_until = CASE WHEN strikes + 1 >= ?7 THEN ?8 ELSE quarantined_until END
          WHERE id = ?6 AND ${fence}`,
    args: [...args, strikesToQuarantine, now + quarantineMs],
  };
}

/** Row 21: the app file itself is invalid, so no job of the group can ever run. Running ones go on. */
const endGroup = (lease: LeaseRow, end: AttemptEnd, now: number): Statement => ({
  sql: `UPDATE jobs SET status = 'errored', outcome = 'build_error', error = ?7, wait_reason = NULL, run_at = NULL,
          lease_id = NULL, changed_at = ?8, finalized_at = ?8
        WHERE group_id = ?6 AND status IN ('waiting', 'queued', 'scheduled') AND id <> ?1 AND ${fence}`,
  args: [...fenceArgs(end), lease.groupId, end.ending.error ?? null, now],
});
