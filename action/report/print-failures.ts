import { resultOf } from '../../client/outcome-words.ts';
import { testsOf, unlistedFailures } from '../../client/tally.ts';
import { cutText } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { printGroup } from '../log/quiet-log.ts';

const jobsShown = 50;
const textLength = 20_000;

/** The messages of what failed, each job folded. The job summary and the server have the rest. */
export async function printFailures(jobs: readonly Job[]): Promise<void> {
  const failed = jobs.filter((job) => job.status === 'failed' || job.status === 'errored');
  for (const job of failed.slice(0, jobsShown)) {
    await printGroup(`${resultOf(job)}: ${job.test_path} on ${job.target}`, cutText(textOf(job), textLength));
  }
}

function textOf(job: Job): string {
  const failed = testsOf(job, 'failed');
  const told = failed.map(({ name, message }) => `${name}\n${message ?? ''}`.trim());
  // Of a failed job the error only counts the tests again.
  const isTold = job.status === 'failed' && told.length > 0;
  const parts = [...told, isTold ? null : job.error, unlistedFailures(job)];
  return parts.filter((part) => part).join('\n\n') || 'no message';
}
