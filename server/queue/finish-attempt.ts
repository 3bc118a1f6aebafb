import { and, eq } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { attempts } from '../db/schema.ts';
import { checkReport } from './check-report.ts';
import type { Deps } from './deps.ts';
import { endAttempts } from './end-attempts.ts';
import { type AgentCaller, findLease, leaseLost } from './find-agent.ts';
import { effectsAfter, effectsBefore, type ReportedEnd } from './finish-effects.ts';
import { findJob, readJob } from './read-job.ts';
import type { JobRow, LeaseRow } from './rows.ts';
import type { AttemptRef } from './start-attempt.ts';

const triesPerCall = 3;

/**
 * The verdict of an attempt; it ends the attempt and moves the job by rows 5 to 10, 14, 17 and 18. The same verdict and
 * error class again answers the job as it is then.
 * Errors: `not_found`, `lease_lost`, `job_cancelled`, `conflict` (another verdict was accepted, or a wrong number).
 */
export async function finishAttempt(
  deps: Deps,
  caller: AgentCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Job> {
  const lease = await findLease(deps, caller, ref.leaseId);
  const viewer = { orgId: lease.orgId };
  for (let n = 0; n < triesPerCall; n += 1) {
    const job = await findJob(deps, ref.jobId, viewer);
    const checked = checkReport(report, job.framework);
    if (job.leaseId !== ref.leaseId) {
      await refuseOrReplay(deps, ref, checked, job);
      return readJob(deps, ref.jobId, viewer);
    }
    if (ref.attempt !== job.attempt + (job.status === 'scheduled' ? 1 : 0)) {
      throw new QgjobError(
        'conflict',
        `attempt ${ref.attempt} is not the running one: the job has had ${job.attempt}`,
      );
    }
    if (await tryFinish(deps, lease, toEnd(ref, checked, job))) return readJob(deps, ref.jobId, viewer);
  }
  throw new QgjobError('unavailable', 'the job changed while its verdict was written; send it again');
}

const toEnd = (ref: AttemptRef, report: FinishJob, job: JobRow): ReportedEnd => ({
  job,
  attempt: ref.attempt,
  leaseId: ref.leaseId,
  leaseState: 'active',
  ending: { verdict: report.verdict, errorClass: report.error_class, error: report.error },
  durationMs: report.duration_ms,
  tests: report.tests ? JSON.stringify(report.tests) : null,
  provider: report.provider ? JSON.stringify(report.provider) : null,
  installs: report.installs ?? 0,
});

/** False when the job moved between being read and being written. */
async function tryFinish(deps: Deps, lease: LeaseRow, end: ReportedEnd): Promise<boolean> {
  const now = deps.now();
  const before = effectsBefore(lease, end, now);
  const [record, move] = endAttempts([end], now, deps.random);
  const results = await deps.gate.write([...before, record, move, ...effectsAfter(lease, end, now)]);
  return results[before.length + 1]?.length === 1;
}

/** The job has left this lease: the same verdict again is answered, everything else is refused. */
async function refuseOrReplay(deps: Deps, ref: AttemptRef, report: FinishJob, job: JobRow): Promise<void> {
  const [own] = await deps.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, ref.jobId), eq(attempts.attempt, ref.attempt)));
  if (own?.leaseId === ref.leaseId && own.verdict !== null && own.byServer === 0) {
    if (own.verdict === report.verdict && own.errorClass === (report.error_class ?? null)) return;
    throw new QgjobError(
      'conflict',
      `attempt ${ref.attempt} was already judged: ${own.errorClass ?? own.verdict}`,
    );
  }
  if (job.status === 'cancelled')
    throw new QgjobError('job_cancelled', `job ${job.id} was cancelled; skip it`);
  throw leaseLost(ref.leaseId);
}
