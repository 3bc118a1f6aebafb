import * as core from '@actions/core';
import { cutText } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { resultOf } from '../../report/outcome-words.ts';
import { testsOf, unlistedFailures } from '../../report/tally.ts';
import type { Ended } from '../checks/describe-check.ts';
import type { Checks } from '../checks/open-checks.ts';
import { concludeCheck } from '../follow/conclude-check.ts';
import type { Followed } from '../follow/follow-run.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { printGroup } from '../log/quiet-log.ts';
import { forgetChecks } from '../state.ts';
import type { Plan } from '../submit/plan-submit.ts';
import { annotate, repositoryOf } from './annotate.ts';
import { setOutputs } from './outputs.ts';
import { reportComment } from './report-comment.ts';
import { writeReport } from './write-report.ts';
import { writeSummary } from './write-summary.ts';

/** Reports how it ended, to people and in files; the outputs of the run are set before. */
export async function reportEnd(
  followed: Followed,
  inputs: Inputs,
  plan: Plan,
  checks: Checks | undefined,
): Promise<void> {
  const { record, ending } = followed;
  const waited = ending !== 'submitted';
  const failure = waited ? concludeCheck(followed, inputs.timeoutMs) : undefined;
  try {
    if (waited && inputs.reportPath !== '') {
      setOutputs(writeReport(record, { ...plan, reportPath: inputs.reportPath }));
    }
    printFailures(record.jobs);
    if (inputs.summary) await writeSummary({ record, failure, waited, evidence: followed.evidence });
    const repository = inputs.annotations ? repositoryOf(plan.checkout) : undefined;
    const isAnnotated = await writeChecks(checks, plan, { ...inputs, followed, failure, repository });
    if (repository !== undefined && !isAnnotated) annotate(record.jobs, repository);
    await reportComment({ followed, failure }, inputs, plan);
  } finally {
    // Whatever of it went wrong, a step that fails has failed.
    if (failure !== undefined) core.setFailed(cleanLine(failure));
  }
}

/** Completes the check runs; answers whether they show the annotations, which nobody needs to read twice. */
async function writeChecks(checks: Checks | undefined, plan: Plan, ended: Ended): Promise<boolean> {
  const written = await checks?.complete(ended);
  if (written?.isDone === true) forgetChecks();
  // The token of a fork only reads: nobody can change that, so it is no news.
  if (written?.why !== undefined) (plan.isReadOnly ? core.info : core.notice)(written.why);
  return written?.isAnnotated === true;
}

const jobsShown = 50;
const textLength = 20_000;

/** The messages of what failed, each job folded. The job summary and the server have the rest. */
function printFailures(jobs: readonly Job[]): void {
  const failed = jobs.filter((job) => job.status === 'failed' || job.status === 'errored');
  for (const job of failed.slice(0, jobsShown)) {
    printGroup(`${resultOf(job)}: ${job.test_path} on ${job.target}`, cutText(textOf(job), textLength));
  }
}

function textOf(job: Job): string {
  const failed = testsOf(job, 'failed');
  const messages = failed.map(({ name, message }) => `${name}\n${message ?? ''}`.trim());
  // The error of a failed job only counts these tests.
  const isListed = job.status === 'failed' && messages.length > 0;
  const parts = [...messages, isListed ? null : job.error, unlistedFailures(job)];
  return parts.filter((part) => part).join('\n\n') || 'no message';
}
