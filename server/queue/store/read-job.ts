import { QgjobError } from '../../../protocol/errors.ts';
import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { asc, eq } from '../../db/drizzle.ts';
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

/** A job with the tests of its attempts. Errors: `not_found`. */
export async function readJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  const row = await findJob(deps, id, viewer);
  return toJob(row, (await readResults(deps, [id])).get(id));
}

export async function readAttempts(deps: Deps, id: string, viewer: Viewer): Promise<Attempt[]> {
  await findJob(deps, id, viewer);
  const rows = await deps.db
    .select()
    .from(attempts)
    .where(eq(attempts.jobId, id))
    .orderBy(asc(attempts.attempt));
  return rows.map(toAttempt);
}

/** With so many bytes of tests an answer takes no further job, since a client reads an answer whole. */
const testBytesPerAnswer = 8 * 1024 * 1024;

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
