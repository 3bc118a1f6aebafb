import { QgjobError } from '../../../protocol/errors.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { type AgentCaller, leaseLost } from '../store/find-agent.ts';
import { readJob } from '../store/read-job.ts';
import type { JobRow } from '../store/rows.ts';
import { readJobRows } from '../store/rows.ts';
import { type LastAttempt, toJob } from '../store/to-wire.ts';
import type { AttemptRef } from './attempt-view.ts';
import { type AttemptCall, type AttemptView, readAttemptViews } from './attempt-view.ts';
import { type Checked, checkReport } from './check-report.ts';
import { endAttempts } from './end-attempts.ts';
import {
  effectsAfter,
  effectsBefore,
  type Lasted,
  learnDurations,
  type ReportedEnd,
} from './finish-effects.ts';

const roundsPerCall = 4;

/**
 * The verdict of an attempt; it ends the attempt and moves the job by rows 5 to 10, 8a, 14, 17 and 18. The same verdict and
 * error class again answers the job as it is then. Verdicts of one turn share a commit.
 * Errors: `not_found`, `lease_lost`, `job_cancelled`, `conflict` (another verdict was accepted, or a wrong number).
 */
export async function finishAttempt(
  deps: Deps,
  caller: AgentCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Job> {
  return (await finishForStatus(deps, caller, ref, report)).toJob();
}

/** A job as its verdict left it. */
export interface Finished {
  readonly status: Job['status'];
  readonly toJob: () => Job;
}

/** `finishAttempt` for who asks only what became of the job. */
export const finishForStatus = (
  deps: Deps,
  caller: AgentCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Finished> => deps.coalescer.run(deps, finishMany, { caller, ref, report });

interface Finish extends AttemptCall {
  readonly report: FinishJob;
}

/** What is known of a verdict: it is answered, or it ends an attempt. */
type Reviewed = { readonly answer: PromiseSettledResult<Finished> } | { readonly end: ReportedEnd };

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

/** Answers those that can be answered; a job that moved between being read and being written is left to the next round. */
async function finishRound(
  deps: Deps,
  open: readonly Finish[],
  answers: Map<Finish, PromiseSettledResult<Finished>>,
): Promise<void> {
  const views = await readAttemptViews(deps, open);
  const ends = new Map<string, { one: Finish; end: ReportedEnd }>();
  for (const [index, one] of open.entries()) {
    // One verdict of a job at a time: a second one has to see what the first did.
    if (ends.has(one.ref.jobId)) continue;
    const judged = await checkOne(deps, one, views[index]);
    if ('answer' in judged) answers.set(one, judged.answer);
    else ends.set(one.ref.jobId, { one, end: judged.end });
  }
  const all = [...ends.values()];
  const moved = await writeEnds(
    deps,
    all.map(({ end }) => end),
  );
  for (const { one, end } of all) {
    const row = moved.get(end.job.id);
    if (row)
      answers.set(
        one,
        fulfilled({ status: row.status as Job['status'], toJob: () => toJob(row, reportOf(end)) }),
      );
  }
}

const reportOf = ({ tests = null, report = null, provider = null }: ReportedEnd): LastAttempt => ({
  tests,
  report,
  provider,
});
const asFinished = (job: Job) => fulfilled<Finished>({ status: job.status, toJob: () => job });

async function checkOne(
  deps: Deps,
  one: Finish,
  view: AttemptView | QgjobError | undefined,
): Promise<Reviewed> {
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

const isResult = ({ ending }: ReportedEnd): boolean =>
  ending.verdict === 'passed' || ending.verdict === 'failed';

const toLasted = ({ job, attempt, leaseId }: ReportedEnd): Lasted => ({
  jobId: job.id,
  runId: job.runId,
  attempt,
  leaseId,
  target: job.target,
  testPath: job.testPath,
});

/** Writes them all; answers the jobs that moved, as they are then, by id. */
async function writeEnds(deps: Deps, ends: readonly ReportedEnd[]): Promise<Map<string, JobRow>> {
  if (ends.length === 0) return new Map();
  const now = deps.now();
  const before = ends.flatMap((end) => effectsBefore(end, now, ends));
  const { record, move, after } = endAttempts(ends, now, deps.random);
  const effects = ends.flatMap((end) => effectsAfter(end, now));
  const learn = learnDurations(ends.filter(isResult).map(toLasted), now);
  const results = await deps.sql.write([...before, record, move, ...effects, ...learn]);
  const revs = new Map((results[before.length + 1] ?? []).map((row) => [row.seq, Number(row.rev)]));
  const moved = after.filter((job) => revs.has(job.seq));
  // What ended a group may have moved a job once more.
  if (effects.length > 0)
    return readJobRows(
      deps,
      moved.map((job) => job.id),
    );
  return new Map(moved.map((job) => [job.id, { ...job, rev: revs.get(job.seq) ?? job.rev }]));
}

/** The job has left this lease: the same verdict again is answered, everything else is refused. */
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
