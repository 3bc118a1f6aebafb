import { and, asc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { attempts, jobs } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
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

/** A job with the tests of its last attempt. Errors: `not_found`. */
export async function readJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  const row = await findJob(deps, id, viewer);
  const [last] = await deps.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, id), eq(attempts.attempt, row.attempt)));
  return toJob(row, last);
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
  const ids = finalIds(page);
  const last =
    ids.length > 0
      ? await deps.db
          .select(getTableColumns(attempts))
          .from(attempts)
          .innerJoin(jobs, isLast)
          .where(inArray(jobs.id, ids))
      : [];
  const byJob = new Map(last.map((attempt) => [`${attempt.jobId} ${attempt.attempt}`, attempt]));
  return page.map((row) => toJob(row, byJob.get(`${row.id} ${row.attempt}`)));
}

const isLast = and(eq(attempts.jobId, jobs.id), eq(attempts.attempt, jobs.attempt));

const finalIds = (rows: readonly JobRow[]): string[] =>
  rows.filter((row) => isFinal(row.status as Job['status'])).map((row) => row.id);

async function sizeOfTests(deps: Deps, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.db
    .select({ id: jobs.id, bytes: sql<number>`octet_length(${attempts.tests})` })
    .from(attempts)
    .innerJoin(jobs, isLast)
    .where(inArray(jobs.id, [...ids]));
  return new Map(rows.map(({ id, bytes }) => [id, bytes]));
}
