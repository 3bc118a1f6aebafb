import { QgjobError } from '../../../protocol/errors.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { Deps } from '../store/deps.ts';
import { leaseLost } from '../store/find-lease.ts';
import { readJob } from '../store/read-job.ts';
import type { AttemptCall, AttemptRef, AttemptView } from './attempt-view.ts';
import { checkReport } from './check-report.ts';
import { checkRetry, type Judged } from './check-retry.ts';
import type { EarlierResult } from './earlier-results.ts';
import type { ReportedEnd } from './finish-effects.ts';
import { fitResult } from './fit-result.ts';

/** A job after its verdict. */
export interface Finished {
  readonly status: Job['status'];
  readonly toJob: () => Job;
}

/** A verdict that came in. */
export interface Finish extends AttemptCall {
  readonly report: FinishJob;
}

/** A checked verdict: it has its answer already, or it ends an attempt. */
export type CheckedFinish =
  | { readonly answer: PromiseSettledResult<Finished> }
  | { readonly end: ReportedEnd };

const asFinished = (job: Job) => fulfilled<Finished>({ status: job.status, toJob: () => job });

/** Checks a verdict against its attempt, its tests, and the failed attempts before it. */
export async function checkFinish(
  deps: Deps,
  one: Finish,
  view: AttemptView | QgjobError | undefined,
  earlier: EarlierResult | undefined,
): Promise<CheckedFinish> {
  if (!view || view instanceof QgjobError) return { answer: rejected(view) };
  const { ref } = one;
  const { job } = view;
  const checked = checkRetry(checkReport(one.report, job.framework), earlier);
  const report = deps.sql.isRemote ? fitResult(checked) : checked;
  if (job.leaseId !== ref.leaseId) return { answer: await replayOrRefuse(deps, ref, report, view) };
  if (ref.attempt !== job.attempt + (job.status === 'scheduled' ? 1 : 0)) {
    const why = `attempt ${ref.attempt} is not the running one: the job has had ${job.attempt}`;
    return { answer: rejected(new QgjobError('conflict', why)) };
  }
  return { end: { ...toEnd(ref, report, view), earlier } };
}

const toEnd = (
  ref: AttemptRef,
  report: Judged,
  { job, lease }: AttemptView,
): Omit<ReportedEnd, 'earlier'> => ({
  job,
  lease,
  attempt: ref.attempt,
  leaseId: ref.leaseId,
  leaseState: 'active',
  ending: {
    verdict: report.verdict,
    errorClass: report.error_class,
    error: report.error,
    isFlaky: report.isFlaky,
  },
  durationMs: report.duration_ms,
  tests: jsonOf(report.tests),
  report: jsonOf(report.report),
  provider: jsonOf(report.provider),
  retriedTests: report.retried_tests ?? null,
  only: jsonOf(report.only),
  mergedTests: jsonOf(report.merged?.tests),
  mergedReport: jsonOf(report.merged?.report),
  installs: report.installs ?? 0,
  serves: report.serves ?? 0,
});

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** For a job that is not in this lease any more: answers the same verdict again, and refuses all else. */
async function replayOrRefuse(
  deps: Deps,
  ref: AttemptRef,
  report: FinishJob,
  { job, own }: AttemptView,
): Promise<PromiseSettledResult<Finished>> {
  if (own?.leaseId === ref.leaseId && own.verdict !== null && own.byServer === 0) {
    if (own.verdict === report.verdict && own.errorClass === (report.error_class ?? null)) {
      return readJob(deps, ref.jobId, { orgId: job.orgId }).then(asFinished, rejected);
    }
    const why = `attempt ${ref.attempt} was already judged: ${own.errorClass ?? own.verdict}`;
    return rejected(new QgjobError('conflict', why));
  }
  if (job.status === 'cancelled') {
    return rejected(new QgjobError('job_cancelled', `job ${job.id} was cancelled; skip it`));
  }
  return rejected(leaseLost(ref.leaseId));
}
