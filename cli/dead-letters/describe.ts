import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import { formatTable } from '../output/table.ts';
import { describeJob } from '../status/describe-job.ts';

/** A job that ended red, with what it takes to judge it. */
export interface DeadLetter {
  readonly job: Job;
  readonly attempts: readonly Attempt[];
  /** Of its last attempt. */
  readonly logTail: readonly string[];
  /** A retry has taken it up already. */
  readonly isTakenUp: boolean;
}

/** How a dead letter ended, attempt by attempt, the end of its log, and what can be done. */
export const describeDeadLetter = (letter: DeadLetter): string[] => [
  ...describeJob(letter.job, letter.attempts),
  ...describeLog(letter.job.attempt, letter.logTail),
  '',
  ...describeWays(letter),
];

function describeWays({ job, logTail, isTakenUp }: DeadLetter): string[] {
  const advice = isTakenUp
    ? 'again, though a later run has taken it up'
    : 'again, once what was wrong is known';
  return formatTable([
    [`qgjob dead-letters retry ${job.job_id}`, advice],
    ...(logTail.length > 0 ? [[`qgjob logs ${job.job_id}`, 'its whole log']] : []),
    [`qgjob status ${job.run_id}`, 'its run'],
  ]);
}

function describeLog(attempt: number, lines: readonly string[]): string[] {
  if (attempt === 0) return [];
  if (lines.length === 0) return ['', `attempt ${attempt} left no log`];
  const which = lines.length === 1 ? 'the last line' : `the last ${lines.length} lines`;
  return ['', `${which} of the log of attempt ${attempt}:`, ...lines.map((line) => `  ${line}`)];
}
