import { QgjobError } from '../../../protocol/errors.ts';
import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { and, asc, eq, gt } from '../../db/drizzle.ts';
import { attempts, jobs } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import { readResults, sizeOfTests } from './read-results.ts';
import type { JobRow } from './rows.ts';
import { toAttempt, toJob } from './to-wire.ts';
import { maySee, type Viewer } from './viewer.ts';

/** The row of a job. Errors: `not_found`, also for another org's job. */
export async function findJob(deps: Deps, id: string, viewer: Viewer): Promise<JobRow> {
  const [row] = await deps.db.select().from(jobs).where(eq(jobs.id, id));
  if (!row || !maySee(viewer, row.orgId)) {
    throw new QgjobError('not_found', `no job ${id}`);
  }
  return row;
}

/** A libSQL server answers at most 10 MB. */
const jobsPerRead = 2000;
const attemptsPerRead = 4;

/** All jobs of a run, in the order of the submit. SEARCH jobs USING INDEX jobs_run (run_id=? AND rowid>?) */
export async function readJobsOfRun(deps: Deps, runId: string): Promise<JobRow[]> {
  const all: JobRow[] = [];
  for (;;) {
    const page = await deps.db
      .select()
      .from(jobs)
      .where(and(eq(jobs.runId, runId), gt(jobs.seq, all.at(-1)?.seq ?? 0)))
      .orderBy(asc(jobs.seq))
      .limit(jobsPerRead);
    all.push(...page);
    if (page.length < jobsPerRead) return all;
  }
}

/** A job with the tests of its attempts. Errors: `not_found`. */
export async function readJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  const row = await findJob(deps, id, viewer);
  return toJob(row, (await readResults(deps, [id])).get(id));
}

export async function readAttempts(deps: Deps, id: string, viewer: Viewer): Promise<Attempt[]> {
  await findJob(deps, id, viewer);
  const all: Attempt[] = [];
  for (;;) {
    const page = await deps.db
      .select()
      .from(attempts)
      .where(and(eq(attempts.jobId, id), gt(attempts.attempt, all.at(-1)?.attempt ?? 0)))
      .orderBy(asc(attempts.attempt))
      .limit(attemptsPerRead);
    all.push(...page.map(toAttempt));
    if (page.length < attemptsPerRead) return all;
  }
}

/**
 * With so many bytes of tests an answer takes no further job, since a client reads an answer whole, and a libSQL server
 * answers no more than 10 MB, with what is escaped in it.
 */
const testBytesPerAnswer = 6 * 1024 * 1024;

/**
 * The first of these jobs, as the API shows them: as many as fit into one answer, and at least one. Only final jobs
 * come with their tests.
 */
export async function withTests(deps: Deps, rows: readonly JobRow[]): Promise<Job[]> {
  const size = await sizeOfTests(deps, finalIds(rows));
  let bytes = 0;
  const end = rows.findIndex(({ id }, index) => {
    bytes += size.get(id) ?? 0;
    return index > 0 && bytes > testBytesPerAnswer;
  });
  const page = end < 0 ? rows : rows.slice(0, end);
  const results = await readResults(deps, finalIds(page));
  return page.map((row) => toJob(row, results.get(row.id)));
}

const finalIds = (rows: readonly JobRow[]): string[] =>
  rows.filter((row) => isFinal(row.status as Job['status'])).map((row) => row.id);
