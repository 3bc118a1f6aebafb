import type { InValue } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';

/**
 * Rows 15 and 16: what has not started is cancelled, what runs is flagged. `which` jobs is SQL of our own, whose values
 * are `args`; the second of them is now.
 */
export const cancelWhere = (which: string, args: readonly InValue[]): Statement[] => [
  {
    sql: `UPDATE jobs SET status = 'cancelled', outcome = 'cancelled', wait_reason = NULL, run_at = NULL, lease_id = NULL,
            changed_at = ?2, finalized_at = ?2
          WHERE ${which} AND status IN ('waiting', 'queued', 'scheduled')`,
    args: [...args],
  },
  {
    sql: `UPDATE jobs SET cancel_requested_at = ?2, changed_at = ?2
          WHERE ${which} AND status = 'running' AND cancel_requested_at IS NULL`,
    args: [...args],
  },
];
