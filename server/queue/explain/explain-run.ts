import type { ExplainedRun } from '../../../protocol/shapes/explain.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { and, asc, desc, eq, inArray, sql } from '../../db/drizzle.ts';
import { jobs } from '../../db/schema.ts';
import { readEvidence } from '../outbox/index.ts';
import { explainJob, findRun } from '../runs/index.ts';
import type { Deps } from '../store/deps.ts';
import { withTests } from '../store/read-job.ts';
import type { RunRow } from '../store/rows.ts';
import { toRun } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';
import { describeFailure } from './describe-failure.ts';
import { commitOf, readStarts } from './failing-since.ts';
import { fitExplanation } from './fit-explanation.ts';
import { groupFailures } from './group-failures.ts';

/** So many failed jobs are looked at, and so many kinds of failure told: more than 4 kB hold. */
const mostJobs = 200;
const mostKinds = 10;

/** What a run came to, and why, in at most 4 kB of JSON. Errors: `not_found`. */
export async function explainRun(deps: Deps, id: string, viewer: Viewer): Promise<ExplainedRun> {
  const run = await findRun(deps, id, viewer);
  const kinds = groupFailures(await readFailed(deps, id)).slice(0, mostKinds);
  const first = kinds.map(({ job }) => job);
  const [evidence, starts, next] = await Promise.all([
    readEvidence(deps, first),
    readStarts(deps, run, first),
    readNext(deps, run, viewer),
  ]);
  const failures = kinds.map((kind) => describeFailure(kind, evidence, starts.get(kind.job.job_id)));
  return fitExplanation(describeRun(deps, run), failures, run.failed + run.errored, next);
}

/**
 * Failed jobs, new failures before known ones, then those without a verdict, and last what is in quarantine. SEARCH jobs USING INDEX jobs_run (run_id=?): the
 * jobs of the run, 10 000 at most.
 */
async function readFailed(deps: Deps, runId: string): Promise<Job[]> {
  const rows = await deps.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.runId, runId), inArray(jobs.status, ['failed', 'errored'])))
    .orderBy(sql`${jobs.quarantines} IS NOT NULL`, desc(jobs.status), asc(jobs.knownFailure), asc(jobs.seq))
    .limit(mostJobs);
  return withTests(deps, rows);
}

/** What the oldest job that has not started waits for; null where none is there. */
async function readNext(deps: Deps, run: RunRow, viewer: Viewer): Promise<ExplainedRun['next']> {
  if (isFinal(run.status as ExplainedRun['status'])) return null;
  const [job] = await deps.db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.runId, run.id), inArray(jobs.status, ['queued', 'waiting'])))
    .orderBy(asc(jobs.seq))
    .limit(1);
  if (!job) return null;
  const { blocked_by, starts_in_ms } = await explainJob(deps, job.id, viewer);
  return { job_id: job.id, starts_in_ms, blocked_by };
}

function describeRun(deps: Deps, row: RunRow): Omit<ExplainedRun, 'failures' | 'failures_left_out' | 'next'> {
  const run = toRun(row, deps.settings.publicUrl);
  const { run_id, org_id, url, status, conclusion, reason, app_version_id, submitted_at, counts } = run;
  const { installs, installs_saved } = run;
  return {
    ...{
      run_id,
      org_id,
      url,
      status,
      conclusion,
      reason,
      app_version_id,
      commit: commitOf(row),
      submitted_at,
    },
    duration_ms: row.finishedAt === null ? null : row.finishedAt - row.submittedAt,
    ...{ counts, installs, installs_saved },
  };
}
