import type { Statement } from '../../db/statement.ts';
import { freshTransitions } from '../store/counters.ts';
import { isQuarantined } from '../store/excused.ts';

/**
 * Of runs that end with this commit: a failure that a quarantine excused when it came, and excuses no more by the end, is called
 * quarantined no more; a trigger gives its job a new rev. Runs after the counters of runs are right and before `concludeRuns`, for
 * which a job is in quarantine if this has left it there. SEARCH e USING INTEGER PRIMARY KEY (rowid>?), j USING INDEX jobs_run
 * (run_id=?)
 */
export const dropExcuses: Statement = {
  sql: `UPDATE jobs SET quarantines = NULL WHERE seq IN (
    SELECT j.seq FROM runs r CROSS JOIN jobs j ON j.run_id = r.id
    WHERE r.id IN (SELECT e.run_id FROM events e WHERE ${freshTransitions})
      AND r.finished_at IS NULL AND r.failed > 0 AND r.waiting + r.queued + r.scheduled + r.running = 0
      AND j.quarantines IS NOT NULL AND NOT ${isQuarantined('j', 'r', 'r.changed_at')})`,
};
