import type { Statement } from '../../db/statement.ts';
import { hasNotStarted } from '../store/cancel-jobs.ts';
import { freshTransitions } from '../store/counters.ts';
import { isQuarantined } from '../store/excused.ts';

/**
 * A failure that a quarantine excuses is none that stops a run, and with `fail_on: new` neither is a known one: the jobs are changed
 * already, and not yet counted.
 */
const countingFailures = `(SELECT count(*) FROM jobs n WHERE n.run_id = r.id AND n.status = 'failed'
    AND NOT (r.fail_on_new = 1 AND n.known_failure IS 1) AND NOT ${isQuarantined('n', 'r', 'f.at')})`;

/**
 * Cancels what has not started of runs that have as many failed jobs as their `max_failures` (row 15 of
 * docs/job-lifecycle.md). What runs goes on to its verdict; where that is not final, this is its end too. Runs in every
 * commit that changed jobs, before they are counted: so no job of such a run ever waits. The plan begins with the events
 * of the commit: SEARCH e USING INTEGER PRIMARY KEY (rowid>?).
 */
export const stopFailedRuns: Statement = {
  sql: `UPDATE jobs SET status = 'cancelled', outcome = 'max_failures', wait_reason = NULL, run_at = NULL, lease_id = NULL,
      changed_at = f.at, finalized_at = f.at
    FROM (SELECT e.run_id, max(e.at) AS at, sum(e.type = 'failed') AS failed FROM events e
        WHERE ${freshTransitions} GROUP BY e.run_id) f
      CROSS JOIN runs r ON r.id = f.run_id AND r.failed + f.failed >= r.max_failures
        AND ${countingFailures} >= r.max_failures
    WHERE jobs.run_id = r.id AND jobs.${hasNotStarted}`,
};
