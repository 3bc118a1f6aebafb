import type { InValue } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';

/** A job that has not started and is not final (SQL). */
export const hasNotStarted = `status IN ('waiting', 'queued', 'scheduled')`;

/** A job that a cancel ends or flags (SQL). */
export const isCancellable = `(${hasNotStarted} OR (status = 'running' AND cancel_requested_at IS NULL))`;

/**
 * Cancels jobs that have not started, and flags those that run (rows 15 and 16 of docs/job-lifecycle.md). `which`
 * jobs is SQL of our own with the values `args`; the second of these is now.
 */
export const cancelJobs = (which: string, args: readonly InValue[]): Statement[] => [
  {
    sql: `UPDATE jobs SET status = 'cancelled', outcome = 'cancelled', wait_reason = NULL, run_at = NULL, lease_id = NULL,
            changed_at = ?2, finalized_at = ?2
          WHERE ${which} AND ${hasNotStarted}`,
    args: [...args],
  },
  {
    sql: `UPDATE jobs SET cancel_requested_at = ?2, changed_at = ?2
          WHERE ${which} AND status = 'running' AND cancel_requested_at IS NULL`,
    args: [...args],
  },
];
