import { QgjobError } from '../../../protocol/errors.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { type AgentCaller, leaseLost } from '../store/find-agent.ts';
import { readJob } from '../store/read-job.ts';
import { type JobRow, readJobRows } from '../store/rows.ts';
import { type LastAttempt, toJob } from '../store/to-wire.ts';
import { type AttemptCall, type AttemptRef, type AttemptView, readAttemptViews } from './attempt-view.ts';
import { type Checked, checkReport } from './check-report.ts';
import { endAttempts } from './end-attempts.ts';
import { effectsAfter, effectsBefore, learnDurations, type ReportedEnd } from './finish-effects.ts';

const roundsPerCall = 4;

/**
 * Ends an attempt with the verdict of its agent, and changes the job by rows 5 to 10, 8a, 14, 17 and 18 of
 * docs/job-lifecycle.md. The same verdict and error class again answers the job as it is then. Verdicts of one turn
 * share a commit. Errors: `not_found`, `lease_lost`, `job_cancelled`, `conflict` (another verdict was accepted, or
 * the number of the attempt is wrong).
 */
export async function finishAttempt(
  deps: Deps,
  caller: AgentCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Job> {
  return (await finishForStatus(deps, caller, ref, report)).toJob();
}

/** A job after its verdict. */
export interface Finished {
  readonly status: Job['status'];
  readonly toJob: () => Job;
}

/** `finishAttempt` for a caller that needs only the status: the whole job is not made. */
export const finishForStatus = (
  deps: Deps,
  caller: AgentCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Finished> => deps.coalescer.run(deps, finishMany, { caller, ref, report });

interface Finish extends AttemptCall {
  readonly report: FinishJob;
}

/** A checked verdict: it has its answer already, or it ends an attempt. */
type CheckedFinish = { readonly answer: PromiseSettledResult<Finished> } | { readonly end: ReportedEnd };

const finishMany: BulkOperation<Finish, Finished> = async (deps, all) => {
  const answers = new Map<Finish, PromiseSettledResult<Finished>>();
  for (let n = 0; n < roundsPerCall && answers.size < all.length; n += 1) {
    await finishRound(
      deps,
      all.filter((one) => !answers.has(one)),
      answers,
    );
  }
  return all.map((one) => answers.get(one) ?? rejected(changedMeanwhile()));
};

const changedMeanwhile = (): QgjobError =>
  new QgjobError('unavailable', 'the job changed while its verdict was written; send it again');

/** One try. A verdict whose job changed between the read and the write is left to the next round. */
async function finishRound(
  deps: Deps,
  open: readonly Finish[],
  answers: Map<Finish, PromiseSettledResult<Finished>>,
): Promise<void> {
  const views = await readAttemptViews(deps, open);
  const ends = new Map<string, { one: Finish; end: ReportedEnd }>();
  for (const [index, one] of open.entries()) {
    // One verdict per job and round: a second one must see the job after the first.
    if (ends.has(one.ref.jobId)) continue;
    const checked = await checkOne(deps, one, views[index]);
    if ('answer' in checked) answers.set(one, checked.answer);
    else ends.set(one.ref.jobId, { one, end: checked.end });
  }
  const all = [...ends.values()];
  const changed = await writeEnds(
    deps,
    all.map(({ end }) => end),
  );
  for (const { one, end } of all) {
    const row = changed.get(end.job.id);
    if (row)
      answers.set(
        one,
        fulfilled({ status: row.status as Job['status'], toJob: () => toJob(row, lastAttemptOf(end)) }),
      );
  }
}

const lastAttemptOf = ({ tests = null, report = null, provider = null }: ReportedEnd): LastAttempt => ({
  tests,
  report,
  provider,
});

const asFinished = (job: Job) => fulfilled<Finished>({ status: job.status, toJob: () => job });

async function checkOne(
  deps: Deps,
  one: Finish,
  view: AttemptView | QgjobError | undefined,
): Promise<CheckedFinish> {
  if (!view || view instanceof QgjobError) return { answer: rejected(view) };
  const { ref } = one;
  const { job } = view;
  const report = checkReport(one.report, job.framework);
  if (job.leaseId !== ref.leaseId) return { answer: await replayOrRefuse(deps, ref, report, view) };
  if (ref.attempt !== job.attempt + (job.status === 'scheduled' ? 1 : 0)) {
    const why = `attempt ${ref.attempt} is not the running one: the job has had ${job.attempt}`;
    return { answer: rejected(new QgjobError('conflict', why)) };
  }
  return { end: toEnd(ref, report, view) };
}

const toEnd = (ref: AttemptRef, report: Checked, { job, lease }: AttemptView): ReportedEnd => ({
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
  tests: report.tests ? JSON.stringify(report.tests) : null,
  report: report.report ? JSON.stringify(report.report) : null,
  provider: report.provider ? JSON.stringify(report.provider) : null,
  installs: report.installs ?? 0,
});

/** Writes the ends of attempts; answers the jobs that changed, as they are then, by id. */
async function writeEnds(deps: Deps, ends: readonly ReportedEnd[]): Promise<Map<string, JobRow>> {
  if (ends.length === 0) return new Map();
  const now = deps.now();
  const before = ends.flatMap((end) => effectsBefore(end, now, ends));
  const { record, change, after } = endAttempts(ends, now, deps.random);
  const effects = ends.flatMap((end) => effectsAfter(end, now));
  const results = await deps.sql.write([...before, record, change, ...effects, ...learnDurations(ends, now)]);
  const revs = new Map((results[before.length + 1] ?? []).map((row) => [row.seq, Number(row.rev)]));
  const changed = after.filter((job) => revs.has(job.seq));
  // The end of a group may have changed a job once more.
  if (effects.length > 0)
    return readJobRows(
      deps,
      changed.map((job) => job.id),
    );
  return new Map(changed.map((job) => [job.id, { ...job, rev: revs.get(job.seq) ?? job.rev }]));
}

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
