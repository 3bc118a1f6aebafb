import { and, eq } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { attempts } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, findLease, leaseLost } from './find-agent.ts';
import { findJob } from './read-job.ts';
import { toJob } from './to-wire.ts';

export interface AttemptRef {
  readonly leaseId: string;
  readonly jobId: string;
  readonly attempt: number;
}

/**
 * Row 4: a scheduled job runs. The same start again answers the same.
 * Errors: `not_found`, `lease_lost`, `job_cancelled` (skip that job alone), `conflict` (the attempt's number is not the next).
 */
export async function startAttempt(deps: Deps, caller: AgentCaller, ref: AttemptRef): Promise<Job> {
  const lease = await findLease(deps, caller, ref.leaseId);
  const [, moved] = await deps.gate.write([
    {
      sql: `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at)
            SELECT id, ?3, org_id, lease_id, agent_id, device_id, ?4 FROM jobs
            WHERE id = ?1 AND lease_id = ?2 AND status = 'scheduled' AND attempt = ?3 - 1 ON CONFLICT DO NOTHING`,
      args: [ref.jobId, ref.leaseId, ref.attempt, deps.now()],
    },
    {
      sql: `UPDATE jobs SET status = 'running', attempt = ?3, started_at = ?4, changed_at = ?4
            WHERE id = ?1 AND lease_id = ?2 AND status = 'scheduled' AND attempt = ?3 - 1 RETURNING id`,
      args: [ref.jobId, ref.leaseId, ref.attempt, deps.now()],
    },
  ]);
  const job = await findJob(deps, ref.jobId, { orgId: lease.orgId });
  if (moved?.length === 1) return toJob(job);
  return replayedStart(deps, ref, toJob(job));
}

async function replayedStart(deps: Deps, ref: AttemptRef, job: Job): Promise<Job> {
  if (job.lease_id === ref.leaseId) {
    if (job.status === 'running' && job.attempt === ref.attempt) return job;
    throw new QgjobError(
      'conflict',
      `attempt ${ref.attempt} is not the next: the job has had ${job.attempt}`,
    );
  }
  const [own] = await deps.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, ref.jobId), eq(attempts.attempt, ref.attempt)));
  if (own?.leaseId === ref.leaseId && own.verdict !== null && own.byServer === 0) return job;
  if (job.status === 'cancelled')
    throw new QgjobError('job_cancelled', `job ${job.job_id} was cancelled; skip it`);
  throw leaseLost(ref.leaseId);
}
