import { QgjobError } from '../../../protocol/errors.ts';
import type { FinishedJobs, FinishJobs } from '../../../protocol/shapes/agent.ts';
import type { Deps } from '../store/deps.ts';
import type { LeaseCaller } from '../store/find-lease.ts';
import { finishForStatus } from './finish-attempt.ts';

/**
 * Verdicts of one lease, each as in `finishAttempt`; a refused one does not affect the others. Errors: `unavailable`
 * and `internal`, after which the caller should repeat the whole call; `not_found` where all jobs are, for a lease
 * that the caller must not see; `unauthorized` for the token of a lease that ended long ago.
 */
export async function finishJobs(
  deps: Deps,
  caller: LeaseCaller,
  leaseId: string,
  { jobs }: FinishJobs,
): Promise<FinishedJobs> {
  const answers = await Promise.allSettled(
    jobs.map(({ job_id: jobId, ...report }) =>
      finishForStatus(deps, caller, { leaseId, jobId, attempt: report.attempt }, report),
    ),
  );
  const [first] = answers;
  if (first?.status === 'rejected' && answers.every(isOfLease)) throw first.reason;
  return {
    jobs: answers.map((answer, index) => {
      const job_id = jobs[index]?.job_id ?? '';
      if (answer.status === 'fulfilled') return { job_id, status: answer.value.status, error: null };
      const { code, message } = refusalOf(answer.reason);
      return { job_id, status: null, error: { code, message } };
    }),
  };
}

/** Where all verdicts are refused so, the lease is meant and not its jobs. */
const isOfLease = (answer: PromiseSettledResult<unknown>): boolean =>
  answer.status === 'rejected' &&
  answer.reason instanceof QgjobError &&
  ['not_found', 'unauthorized'].includes(answer.reason.code);

function refusalOf(reason: unknown): QgjobError {
  if (reason instanceof QgjobError && !['unavailable', 'internal'].includes(reason.code)) return reason;
  throw reason;
}
