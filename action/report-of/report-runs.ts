import * as core from '@actions/core';
import { QgjobError } from '../../protocol/errors.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import type { Leg } from '../../report/newest-runs.ts';
import { stepBytes } from '../../report/render-summary.ts';
import { concludeCheck } from '../follow/conclude-check.ts';
import { followRun } from '../follow/follow-run.ts';
import { newRecord } from '../follow/run-record.ts';
import { runOutputs, setOutputs, submitOutputs } from '../report/outputs.ts';
import { readEvidence } from '../report/read-evidence.ts';
import { writeSummary } from '../report/write-summary.ts';
import { findRuns, type Submitted } from './find-runs.ts';
import { readTested, type Tested } from './read-tested.ts';
import type { ReportedRun, ReportOf } from './reported-run.ts';
import { writeRunChecks } from './write-run-checks.ts';
import { writeRunComment } from './write-run-comment.ts';

/**
 * Reports what another run of a workflow has tested, whose token may not write: submits nothing, waits for its runs, and writes
 * their check runs at the head commit, the comment and the summary. Fails the step where one of them did not pass, and where
 * that workflow run did not succeed. Errors: `invalid`, `not_found` where it submitted nothing, the server's.
 */
export async function reportRuns(options: ReportOf): Promise<void> {
  const { client, inputs, payload, stop } = options;
  const tested = readTested(inputs.reportOf, payload);
  const { legs, strangers } = await findRuns(client, tested, stop);
  if (strangers > 0) core.warning(strangerWords(strangers, tested));
  if (legs.length === 0) throw nothingSubmitted(tested);
  const until = performance.now() + (inputs.timeoutMs ?? Number.POSITIVE_INFINITY);
  const failures: string[] = [];
  const taken = new Set<string>();
  // One after the other: two at once would print into each other's part of the log, in which the runner reads no commands.
  for (const leg of legs) {
    const one = await follow(options, leg, until);
    if (legs.length === 1) setOutputs(outputsOf(one));
    await report(options, tested, one, { taken, bytes: Math.floor(stepBytes / legs.length) });
    if (one.failure !== undefined) failures.push(one.failure);
    if (stop.aborted) break;
  }
  const failure = failures.length > 0 ? failures.join('; ') : unreported(tested);
  if (failure !== undefined) core.setFailed(cleanLine(failure));
}

async function follow(
  { client, inputs, stop }: ReportOf,
  leg: Leg<Submitted>,
  until: number,
): Promise<ReportedRun> {
  const { run } = leg.of;
  core.info(`Run ${cleanLine(run.run_id)}: ${cleanLine(run.url)}`);
  const start = newRecord({ run, jobs: [] });
  const left = Math.max(1, until - performance.now());
  const timeoutMs = Number.isFinite(left) ? left : undefined;
  const followed = await followRun(client, start, { timeoutMs, stop });
  const evidence = stop.aborted ? undefined : await readEvidence(client, followed.record);
  return { leg, followed: { ...followed, evidence }, failure: concludeCheck(followed, inputs.timeoutMs) };
}

async function report(
  options: ReportOf,
  tested: Tested,
  one: ReportedRun,
  { taken, bytes }: { readonly taken: Set<string>; readonly bytes: number },
): Promise<void> {
  const { inputs, stop } = options;
  const { followed, failure } = one;
  const { record, evidence } = followed;
  if (inputs.summary) await writeSummary({ record, evidence, failure, waited: true }, bytes);
  if (stop.aborted || inputs.githubToken === '' || record.run.report_by !== 'action') return;
  await writeRunChecks(options, tested, one, taken);
  await writeRunComment(options, tested, one);
}

const outputsOf = ({ followed: { record, ending } }: ReportedRun) => ({
  ...submitOutputs(record),
  ...runOutputs(record, ending),
});

const strangerWords = (count: number, { runId }: Tested): string =>
  `${count} ${count === 1 ? 'run says' : 'runs say'} to be of workflow run ${runId}, but not with the commit, repository, name and attempt that GitHub says, and ${count === 1 ? 'is' : 'are'} not reported`;

const nothingSubmitted = ({ runId }: Tested): QgjobError =>
  new QgjobError(
    'not_found',
    `workflow run ${runId} submitted nothing to this org that can be reported: did its step end before the submit, or is the org another one?`,
  );

/** Everything that it submitted passed, and it did not succeed: a job of it ended before its submit, say. */
const unreported = ({ runId, conclusion }: Tested): string | undefined =>
  conclusion === 'success' || conclusion === ''
    ? undefined
    : `workflow run ${runId} ended as ${conclusion}, though all that it submitted passed: a job of it may have ended before its tests`;

/** The event of this step. Errors: `invalid` where its file cannot be read. */
export async function readPayload(): Promise<unknown> {
  try {
    return (await import('@actions/github')).context.payload;
  } catch (error) {
    throw new QgjobError('invalid', `the event file (GITHUB_EVENT_PATH): ${(error as Error).message}`);
  }
}
