import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Statement } from '../db/gate.ts';
import type { Deps } from './deps.ts';
import { findJob, readJob } from './read-job.ts';
import { findRun, type Viewer } from './read-run.ts';
import { toRun } from './to-wire.ts';

/**
 * Rows 15 and 16: what has not started is cancelled at once, what runs is flagged and stays its device's until the
 * agent has ended it. Of a final job nothing changes. Errors: `not_found`.
 */
export async function cancelJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  await findJob(deps, id, viewer);
  await deps.gate.write(cancelWhere('id = ?1', id, deps.now()));
  return readJob(deps, id, viewer);
}

/** The same for every job of a run. Errors: `not_found`. */
export async function cancelRun(deps: Deps, id: string, viewer: Viewer): Promise<Run> {
  await findRun(deps, id, viewer);
  await deps.gate.write(cancelWhere('run_id = ?1', id, deps.now()));
  return toRun(await findRun(deps, id, viewer), deps.settings.publicUrl);
}

const cancelWhere = (which: 'id = ?1' | 'run_id = ?1', id: string, now: number): Statement[] => [
  {
    sql: `UPDATE jobs SET status = 'cancelled', outcome = 'cancelled', wait_reason = NULL, run_at = NULL, lease_id = NULL,
            changed_at = ?2, finalized_at = ?2
          WHERE ${which} AND status IN ('waiting', 'queued', 'scheduled')`,
    args: [id, now],
  },
  {
    sql: `UPDATE jobs SET cancel_requested_at = ?2, changed_at = ?2
          WHERE ${which} AND status = 'running' AND cancel_requested_at IS NULL`,
    args: [id, now],
  },
];
