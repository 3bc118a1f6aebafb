import type { Job } from '../../../protocol/shapes/job.ts';
import type { Run } from '../../../protocol/shapes/run.ts';
import { cancelJobs, isCancellable } from '../store/cancel-jobs.ts';
import type { Deps } from '../store/deps.ts';
import { findJob, readJob } from '../store/read-job.ts';
import { toRun } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';
import { findOwnRun, findRun } from './read-run.ts';

/**
 * Cancels a job (rows 15 and 16 of docs/job-lifecycle.md): at once where it has not started; a running job is
 * flagged, and its agent ends it. A final job does not change. Errors: `not_found`,
 * `forbidden` for a workflow of another repository.
 */
export async function cancelJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  const { runId } = await findJob(deps, id, viewer);
  await findOwnRun(deps, runId, viewer);
  await deps.sql.write(cancelJobs('id = ?1', [id, deps.now()]));
  return readJob(deps, id, viewer);
}

/** The same for every job of a run. Errors: as above. */
export async function cancelRun(deps: Deps, id: string, viewer: Viewer): Promise<Run> {
  await findOwnRun(deps, id, viewer);
  await deps.sql.write(cancelJobs('run_id = ?1', [id, deps.now()]));
  return toRun(await findRun(deps, id, viewer), deps.settings.publicUrl);
}

const columns = { run: 'run_id', job: 'id' } as const;

/** Whether a cancel of the run, or of the job, changes nothing: all of it is final, or flagged already. */
export async function isCancelled(deps: Deps, kind: keyof typeof columns, id: string): Promise<boolean> {
  const sql = `SELECT 1 FROM jobs WHERE ${columns[kind]} = ?1 AND ${isCancellable} LIMIT 1`;
  return (await deps.sql.read(sql, [id])).length === 0;
}
