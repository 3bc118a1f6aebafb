import { QgjobError } from '../../../protocol/errors.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { type LeaseCaller, leaseLost } from '../store/find-lease.ts';
import { huntPriority } from '../store/hunt-priority.ts';
import { lastEventSql } from '../store/read-events.ts';
import { jobJson, toJobRow } from '../store/rows.ts';
import { toJob } from '../store/to-wire.ts';
import { type AttemptCall, type AttemptRef, type AttemptView, readAttemptViews } from './attempt-view.ts';

/**
 * Starts a scheduled job (row 4 of docs/job-lifecycle.md). The same start again answers the same. Starts of one turn
 * share a commit. Errors: `not_found`, `lease_lost`, `job_cancelled` (the agent skips that job alone), `conflict`
 * (the number of the attempt is not the next one).
 */
export function startAttempt(deps: Deps, caller: LeaseCaller, ref: AttemptRef): Promise<Job> {
  return deps.coalescer.run(deps, startMany, { caller, ref });
}

// The fence: the job is scheduled in this lease, and the attempt is the next one.
const startable = `j.lease_id = i.value ->> 1 AND j.status = 'scheduled' AND j.attempt = (i.value ->> 2) - 1`;

const attemptsSql = `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at)
  SELECT j.id, i.value ->> 2, j.org_id, j.lease_id, j.agent_id, j.device_id, ?2
  FROM json_each(?1) i CROSS JOIN jobs j ON j.id = i.value ->> 0 WHERE ${startable} ON CONFLICT DO NOTHING`;

const jobsSql = `UPDATE jobs AS j SET status = 'running', attempt = i.value ->> 2, started_at = ?2, changed_at = ?2,
    rev = ${lastEventSql} + 1 + i.key
  FROM json_each(?1) i WHERE j.id = i.value ->> 0 AND ${startable}
  RETURNING target, attempt, submitted_at, priority`;

const readSql = `SELECT json_group_array(${jobJson('j')}) AS list FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value ->> 0`;

const startMany: BulkOperation<AttemptCall, Job> = async (deps, all) => {
  const views = await readAttemptViews(deps, all);
  const known = all.filter((_, index) => !(views[index] instanceof QgjobError));
  const keys = JSON.stringify(known.map(({ ref }) => [ref.jobId, ref.leaseId, ref.attempt]));
  const now = deps.now();
  const results =
    known.length === 0
      ? []
      : await deps.sql.write([
          { sql: attemptsSql, args: [keys, now] },
          { sql: jobsSql, args: [keys, now] },
          { sql: readSql, args: [keys] },
        ]);
  // The wait of a job is that for its first attempt; one with a delay has waited for it too. A hunt waits for idle devices on purpose.
  for (const row of results[1] ?? [])
    if (row.attempt === 1 && Number(row.priority) > huntPriority)
      deps.meter.time('jobWait', { target: String(row.target) }, now - Number(row.submitted_at));
  const changed: unknown[][] = JSON.parse(String(results[2]?.[0]?.list ?? '[]'));
  const after = new Map(changed.map(toJobRow).map((job) => [job.id, job]));
  return all.map(({ ref }, index) => {
    const view = views[index];
    const job = after.get(ref.jobId);
    return !view || view instanceof QgjobError || !job ? rejected(view) : answer(ref, view, job);
  });
};

/** The answer to a start, from the job as it is after the write. */
function answer(ref: AttemptRef, { own }: AttemptView, row: AttemptView['job']): PromiseSettledResult<Job> {
  if (row.leaseId === ref.leaseId) {
    if (row.status === 'running' && row.attempt === ref.attempt) return fulfilled(toJob(row));
    const why = `attempt ${ref.attempt} is not the next: the job has had ${row.attempt}`;
    return rejected(new QgjobError('conflict', why));
  }
  if (own?.leaseId === ref.leaseId && own.verdict !== null && own.byServer === 0)
    return fulfilled(toJob(row));
  if (row.status === 'cancelled') {
    return rejected(new QgjobError('job_cancelled', `job ${row.id} was cancelled; skip it`));
  }
  return rejected(leaseLost(ref.leaseId));
}
