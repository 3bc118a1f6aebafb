import { asc, eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import type { Run } from '../../../protocol/shapes/run.ts';
import { jobs, runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toJob, toRun } from '../store/to-wire.ts';

/** A run with all its jobs as they were submitted, for the answer of a submit. */
export async function readRunWithJobs(deps: Deps, id: string): Promise<{ run: Run; jobs: Job[] }> {
  const [run] = await deps.db.select().from(runs).where(eq(runs.id, id));
  if (!run) throw new QgjobError('not_found', `no run ${id}`);
  const rows = await deps.db.select().from(jobs).where(eq(jobs.runId, id)).orderBy(asc(jobs.seq));
  return { run: toRun(run, deps.settings.publicUrl), jobs: rows.map((row) => toJob(row)) };
}
