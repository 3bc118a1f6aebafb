import { QgjobError } from '../../../protocol/errors.ts';
import { and, eq } from '../../db/drizzle.ts';
import { attempts } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { findLease, type LeaseCaller, leaseLost } from '../store/find-lease.ts';
import { findJob } from '../store/read-job.ts';
import type { AttemptRef } from './attempt-view.ts';

const uploadsStayOpenMs = 10 * 60_000;

/**
 * The fence of logs and artifacts: they are accepted from the lease that ran the attempt, while it runs and for 10
 * minutes after its end. Resolves to the org. Errors: `not_found`, `lease_lost`.
 */
export async function checkUpload(deps: Deps, caller: LeaseCaller, ref: AttemptRef): Promise<string> {
  const lease = await findLease(deps, caller, ref.leaseId);
  await findJob(deps, ref.jobId, { orgId: lease.orgId });
  const [own] = await deps.db
    .select()
    .from(attempts)
    .where(and(eq(attempts.jobId, ref.jobId), eq(attempts.attempt, ref.attempt)));
  if (!own)
    throw new QgjobError('not_found', `no attempt ${ref.attempt} of job ${ref.jobId}; start it first`);
  const isOpen = own.finishedAt === null || deps.now() - own.finishedAt <= uploadsStayOpenMs;
  if (own.leaseId !== ref.leaseId || !isOpen) throw leaseLost(ref.leaseId);
  return own.orgId;
}
