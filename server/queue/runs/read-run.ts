import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { RunWithJobs } from '../../../protocol/shapes/run.ts';
import { and, asc, eq, gt } from '../../db/drizzle.ts';
import { jobs, runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { withTests } from '../store/read-job.ts';
import type { RunRow } from '../store/rows.ts';
import { toRun } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';

/** The row of a run. Errors: `not_found`, also for another org's run. */
export async function findRun(deps: Deps, id: string, viewer: Viewer): Promise<RunRow> {
  const [row] = await deps.db.select().from(runs).where(eq(runs.id, id));
  if (!row || !maySee(viewer, row.orgId)) {
    throw new QgjobError('not_found', `no run ${id}`);
  }
  return row;
}

/**
 * The row of a run that the viewer may change. Errors: `not_found`; `forbidden` for a workflow, if the run is not of its
 * repository.
 */
export async function findOwnRun(deps: Deps, id: string, viewer: Viewer): Promise<RunRow> {
  const run = await findRun(deps, id, viewer);
  const { repositoryId } = viewer;
  if (repositoryId === undefined || run.repositoryId === repositoryId) return run;
  throw new QgjobError(
    'forbidden',
    `run ${id} is not of the repository whose workflow this token is for (id ${repositoryId})`,
  );
}

/** A run with the jobs that changed after `afterRev`, in the order of their changes. Errors: `not_found`. */
export async function readRun(
  deps: Deps,
  id: string,
  afterRev: number,
  viewer: Viewer,
): Promise<RunWithJobs> {
  const run = await findRun(deps, id, viewer);
  const rows = await deps.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.runId, id), gt(jobs.rev, afterRev)))
    .orderBy(asc(jobs.rev))
    .limit(limits.jobsPerAnswer + 1);
  const page = await withTests(deps, rows.slice(0, limits.jobsPerAnswer));
  const more = page.length < rows.length;
  return { ...toRun(run, deps.settings.publicUrl), jobs: page, ...(more && { more }) };
}
