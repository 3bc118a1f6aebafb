import { QgjobError } from '../../../protocol/errors.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import type { LeaseCaller } from '../store/find-lease.ts';
import { type JobRow, readJobRows } from '../store/rows.ts';
import { type JobResult, toJob } from '../store/to-wire.ts';
import { type AttemptRef, type AttemptView, readAttemptViews } from './attempt-view.ts';
import { blameDevices } from './blame-devices.ts';
import { checkFinish, type Finish, type Finished } from './check-finish.ts';
import { compareWithBase } from './compare-base.ts';
import { countEnds } from './count-ends.ts';
import { type EarlierResult, readEarlierResults } from './earlier-results.ts';
import { endAttempts } from './end-attempts.ts';
import { findQuarantines } from './find-quarantines.ts';
import { effectsAfter, effectsBefore, type ReportedEnd } from './finish-effects.ts';
import { learnHistory } from './learn-history.ts';

const roundsPerCall = 4;

/**
 * Ends an attempt with the verdict of its agent, and changes the job by rows 5 to 10, 8a, 14, 17 and 18 of
 * docs/job-lifecycle.md. The same verdict and error class again answers the job as it is then. Verdicts of one turn
 * share a commit. Errors: `not_found`, `lease_lost`, `job_cancelled`, `conflict` (another verdict was accepted, or
 * the number of the attempt is wrong).
 */
export async function finishAttempt(
  deps: Deps,
  caller: LeaseCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Job> {
  return (await finishForStatus(deps, caller, ref, report)).toJob();
}

/** `finishAttempt` for a caller that needs only the status: the whole job is not made. */
export const finishForStatus = (
  deps: Deps,
  caller: LeaseCaller,
  ref: AttemptRef,
  report: FinishJob,
): Promise<Finished> => deps.coalescer.run(deps, finishMany, { caller, ref, report });

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
  const earlier = await readEarlier(deps, open, views);
  const ends = new Map<string, { one: Finish; end: ReportedEnd }>();
  for (const [index, one] of open.entries()) {
    // One verdict per job and round: a second one must see the job after the first.
    if (ends.has(one.ref.jobId)) continue;
    const checked = await checkFinish(deps, one, views[index], earlier.get(one));
    if ('answer' in checked) answers.set(one, checked.answer);
    else ends.set(one.ref.jobId, { one, end: checked.end });
  }
  const all = [...ends.values()];
  const changed = await writeEnds(
    deps,
    all.map(({ end }) => end),
  );
  const struck = all.filter(
    ({ end: { ending, job, lease } }) =>
      ending.errorClass === 'infra_error' && !lease.isServerHunt && changed.has(job.id),
  );
  await blameDevices(
    deps,
    struck.map(({ end }) => end.lease.deviceId),
  );
  for (const { one, end } of all) {
    const row = changed.get(end.job.id);
    if (row)
      answers.set(
        one,
        fulfilled({ status: row.status as Job['status'], toJob: () => toJob(row, resultOf(end)) }),
      );
  }
}

/** The results of earlier attempts, for the verdicts that need them: of jobs that failed before, and of selections. */
async function readEarlier(
  deps: Deps,
  open: readonly Finish[],
  views: readonly (AttemptView | QgjobError)[],
): Promise<Map<Finish, EarlierResult | undefined>> {
  const wanted = open.filter(({ report }, index) => {
    const view = views[index];
    const hasFailed = view && !(view instanceof QgjobError) && view.job.testFailures > 0;
    return hasFailed || report.retried_tests !== undefined;
  });
  const found = await readEarlierResults(
    deps,
    wanted.map(({ ref }) => ref),
  );
  return new Map(wanted.map((one, index) => [one, found[index]]));
}

/** As `readResults` reads it. An attempt without a verdict of the test leaves the result of those before it. */
function resultOf({ earlier, ending, ...end }: ReportedEnd): JobResult {
  const { tests = null, report = null, provider = null } = end;
  if (earlier && ending.verdict !== 'passed' && ending.verdict !== 'failed') return { ...earlier, provider };
  return { tests: end.mergedTests ?? tests, report: end.mergedReport ?? report, provider };
}

/** Writes the ends of attempts; answers the jobs that changed, as they are then, by id. */
async function writeEnds(deps: Deps, given: readonly ReportedEnd[]): Promise<Map<string, JobRow>> {
  if (given.length === 0) return new Map();
  const [compared, excuses] = await Promise.all([compareWithBase(deps, given), findQuarantines(deps, given)]);
  const ends = given.map((end) => ({
    ...{ ...end, compared: compared.get(end.job.id), excuses: excuses.get(end.job.id) },
  }));
  const now = deps.now();
  const before = ends.flatMap((end) => effectsBefore(end, now, ends));
  const { record, change, after } = endAttempts(ends, now, deps.random);
  const effects = ends.flatMap((end) => effectsAfter(end, now));
  const results = await deps.sql.write([
    ...before,
    record,
    change,
    ...effects,
    ...learnHistory(ends, after, now),
  ]);
  const revs = new Map((results[before.length + 1] ?? []).map((row) => [row.seq, Number(row.rev)]));
  const changed = after.filter((job) => revs.has(job.seq));
  const written = ends.filter(({ job }) => revs.has(job.seq));
  countEnds(deps, written, changed);
  for (const { installs } of written) if (installs > 0) deps.meter.count('installs', {}, installs);
  // The end of a group may have changed a job once more, and so may that of a run that has failed often enough.
  if (effects.length > 0 || changed.some((job) => job.finalizedAt === null))
    return readJobRows(
      deps,
      changed.map((job) => job.id),
    );
  return new Map(changed.map((job) => [job.id, { ...job, rev: revs.get(job.seq) ?? job.rev }]));
}
