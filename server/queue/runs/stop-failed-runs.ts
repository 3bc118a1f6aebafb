import type { Statement } from '../../db/statement.ts';
import { hasNotStarted } from '../store/cancel-jobs.ts';
import { freshTransitions } from '../store/counters.ts';

/** With `fail_on: new` a known failure is none that stops a run: the jobs are changed already, and not yet counted. */
const newFailures = `(SELECT count(*) FROM jobs n WHERE n.run_id = r.id AND n.status = 'failed' AND n.known_failure IS NOT 1)`;

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
        AND (r.fail_on_new = 0 OR ${newFailures} >= r.max_failures)
    WHERE jobs.run_id = r.id AND jobs.${hasNotStarted}`,
};
