import { and, asc, eq, inArray } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import { isFinal } from '../../../protocol/states.ts';
import { attempts, jobs } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { JobRow } from './rows.ts';
import { toAttempt, toJob } from './to-wire.ts';
import type { Viewer } from './viewer.ts';

/** The row, or `not_found`, which also hides other orgs' jobs. */
export async function findJob(deps: Deps, id: string, viewer: Viewer): Promise<JobRow> {
  const [row] = await deps.db.select().from(jobs).where(eq(jobs.id, id));
  if (!row || (viewer.orgId !== undefined && row.orgId !== viewer.orgId)) {
    throw new QgjobError('not_found', `no job ${id}`);
  }
  return row;
}

/** A job with the tests of its last attempt. */
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

/** The jobs as the API shows them; final ones with their tests, since that is when somebody reads them. */
export async function withTests(deps: Deps, rows: readonly JobRow[]): Promise<Job[]> {
  const ids = rows.filter((row) => isFinal(row.status as Job['status'])).map((row) => row.id);
  const last =
    ids.length > 0 ? await deps.db.select().from(attempts).where(inArray(attempts.jobId, ids)) : [];
  const byJob = new Map(last.map((attempt) => [`${attempt.jobId} ${attempt.attempt}`, attempt]));
  return rows.map((row) => toJob(row, byJob.get(`${row.id} ${row.attempt}`)));
}
