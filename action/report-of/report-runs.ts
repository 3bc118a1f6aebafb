import * as core from '@actions/core';
import { QgjobError } from '../../protocol/errors.ts';
import { checkNames } from '../../report/check-names.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { openChecks } from '../checks/open-checks.ts';
import { concludeCheck } from '../follow/conclude-check.ts';
import { followRun } from '../follow/follow-run.ts';
import { newRecord } from '../follow/run-record.ts';
import { type Outputs, runOutputs, setOutputs, submitOutputs } from '../report/outputs.ts';
import { readEvidence } from '../report/read-evidence.ts';
import { writeSummary } from '../report/write-summary.ts';
import { findRuns, type Submitted } from './find-runs.ts';
import { nothingSubmitted, readTested, type Tested } from './read-tested.ts';
import type { ReportedRun, ReportOf } from './reported-run.ts';
import { writeRunComment } from './write-run-comment.ts';

/**
 * Reports what another run of a workflow has tested, whose token may not write: submits nothing, waits for its runs, and writes
 * their check runs at the head commit, the comment and the summary. Fails the step where one of them did not pass. Errors: `invalid`,
 * `not_found` where that workflow run submitted nothing, the server's.
 */
export async function reportRuns(options: ReportOf): Promise<void> {
  const { client, inputs, payload, stop } = options;
  const tested = readTested(inputs.reportOf, payload);
  const { runs, strangers } = await findRuns(client, tested);
  if (strangers > 0)
    core.warning(
      `${strangers} ${strangers === 1 ? 'run says' : 'runs say'} to be of workflow run ${tested.runId}, but of another commit or repository, and ${strangers === 1 ? 'is' : 'are'} not reported`,
    );
  if (runs.length === 0) throw nothingSubmitted(tested);
  const reported: ReportedRun[] = [];
  for (const [lane, run] of namedLanes(runs)) reported.push(await follow(options, run, lane));
  const [first, ...more] = reported;
  if (first !== undefined && more.length === 0) setOutputs(outputsOf(first));
  for (const one of reported) {
    const { record, evidence } = one.followed;
    if (inputs.summary) await writeSummary({ record, evidence, failure: one.failure, waited: true });
    if (!stop.aborted && inputs.githubToken !== '' && one.run.report_by === 'action')
      await writeToGithub(options, tested, one);
  }
  const failures = reported.flatMap(({ failure }) => failure ?? []);
  if (failures.length > 0) core.setFailed(cleanLine(failures.join('; ')));
}

/** A name for each run that no other has: two check runs of one name would hide each other. One run alone needs none. */
function namedLanes(runs: readonly Submitted[]): [lane: string, run: Submitted][] {
  if (runs.length === 1) return runs.map((run) => ['', run]);
  const uses = new Map<string, number>();
  return runs.map((run) => {
    const { job, leg } = run.github;
    const lane = leg === undefined ? job : `${job} ${leg.slice(0, 8)}`;
    const use = (uses.get(lane) ?? 0) + 1;
    uses.set(lane, use);
    return [use === 1 ? lane : `${lane} #${use}`, run];
  });
}

async function follow(
  { client, inputs, stop }: ReportOf,
  run: Submitted,
  lane: string,
): Promise<ReportedRun> {
  core.info(`Run ${cleanLine(run.run_id)}: ${cleanLine(run.url)}`);
  const start = newRecord({ run, jobs: [] });
  const followed = await followRun(client, start, { timeoutMs: inputs.timeoutMs, stop });
  const evidence = stop.aborted ? undefined : await readEvidence(client, followed.record);
  return {
    ...{ run, lane, followed: { ...followed, evidence } },
    failure: concludeCheck(followed, inputs.timeoutMs),
  };
}

const outputsOf = ({ followed: { record, ending } }: ReportedRun): Outputs => ({
  ...submitOutputs(record),
  ...runOutputs(record, ending),
});

async function writeToGithub(options: ReportOf, tested: Tested, one: ReportedRun): Promise<void> {
  const { inputs, repository, stop } = options;
  const { followed, failure, lane } = one;
  const targets = [...new Set(followed.record.jobs.map(({ target }) => target))];
  if (inputs.checkName !== '') {
    const names = checkNames(inputs.checkName, targets, lane === '' ? undefined : lane);
    const { run } = followed.record;
    const checks = openChecks({
      ...{ token: inputs.githubToken, repository, run, names, stop, mayExist: true },
      sha: tested.headSha,
    });
    const ended = { followed, failure, failOnFlaky: inputs.failOnFlaky, repository: undefined };
    const { why } = await checks.complete(ended);
    if (why !== undefined) core.notice(why);
  }
  await writeRunComment(options, tested, one);
}

/** The event of this step. Errors: `invalid` where its file cannot be read. */
export async function readPayload(): Promise<unknown> {
  try {
    return (await import('@actions/github')).context.payload;
  } catch (error) {
    throw new QgjobError('invalid', `the event file (GITHUB_EVENT_PATH): ${(error as Error).message}`);
  }
}
