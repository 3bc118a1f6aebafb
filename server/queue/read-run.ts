import { and, asc, eq, gt } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run, RunWithJobs } from '../../protocol/shapes/run.ts';
import { jobs, runs } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import { withTests } from './read-job.ts';
import type { RunRow } from './rows.ts';
import { toJob, toRun } from './to-wire.ts';

/** Whose rows may be seen: an org's, or all for the operator. */
export interface Viewer {
  readonly orgId: string | undefined;
}

/** The row, or `not_found`, which also hides other orgs' runs. */
export async function findRun(deps: Deps, id: string, viewer: Viewer): Promise<RunRow> {
  const [row] = await deps.db.select().from(runs).where(eq(runs.id, id));
  if (!row || (viewer.orgId !== undefined && row.orgId !== viewer.orgId)) {
    throw new QgjobError('not_found', `no run ${id}`);
  }
  return row;
}

/** A run with the jobs that changed after `afterRev`, in the order in which they changed. */
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
  const more = rows.length > limits.jobsPerAnswer;
  const page = await withTests(deps, rows.slice(0, limits.jobsPerAnswer));
  return { ...toRun(run, deps.settings.publicUrl), jobs: page, ...(more && { more }) };
}

/** A run with all its jobs as they were submitted, for the answer of a submit. */
export async function readRunWithJobs(deps: Deps, id: string): Promise<{ run: Run; jobs: Job[] }> {
  const run = await findRun(deps, id, { orgId: undefined });
  const rows = await deps.db.select().from(jobs).where(eq(jobs.runId, id)).orderBy(asc(jobs.seq));
  return { run: toRun(run, deps.settings.publicUrl), jobs: rows.map((row) => toJob(row)) };
}
