import { QgjobError } from '../../../protocol/errors.ts';
import { and, eq } from '../../db/drizzle.ts';
import { attempts } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { findLease, type LeaseCaller, leaseLost } from '../store/find-lease.ts';
import { agentWasRevoked } from '../store/live-token.ts';
import { findJob } from '../store/read-job.ts';
import type { AttemptRow } from '../store/rows.ts';
import type { AttemptRef } from './attempt-view.ts';

const uploadsStayOpenMs = 10 * 60_000;

/**
 * The fence of logs and artifacts: they are accepted from the lease that ran the attempt, while it runs and for 10
 * minutes after its end, unless the token of its agent was revoked. Resolves to the org. Errors: `not_found`, `lease_lost`.
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
  if (own.leaseId !== ref.leaseId || !isOpen || (await isOfRevoked(deps, own))) throw leaseLost(ref.leaseId);
  return own.orgId;
}

/**
 * Whether an attempt that has ended is of an agent whose token was revoked, now or when it ended: somebody else may have the
 * tokens of its leases. One that runs has a live lease, and a revocation ends that. SEARCH agents USING INDEX
 * sqlite_autoindex_agents_1, tokens USING INDEX sqlite_autoindex_tokens_1.
 */
async function isOfRevoked(deps: Deps, { agentId, finishedAt, error }: AttemptRow): Promise<boolean> {
  if (finishedAt === null) return false;
  if (error === agentWasRevoked) return true;
  const sql = `SELECT 1 FROM agents a JOIN tokens t ON t.id = a.token_id WHERE a.id = ? AND t.revoked_at IS NOT NULL`;
  return (await deps.sql.read(sql, [agentId])).length > 0;
}
