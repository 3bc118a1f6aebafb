import type { Job } from '../protocol/shapes/job.ts';
import { plural } from '../protocol/words.ts';
import { cleanLine } from './clean-lines.ts';
import { listCounts } from './list-counts.ts';
import { isQuarantined, resultOf } from './outcome-words.ts';
import { renderSummary, type SummaryInput } from './render-summary.ts';

const titleLength = 200;
// By GitHub 65,535 of what it does not call; bytes are the most of all.
const maxSummaryBytes = 65_000;

/**
 * Whether a target is green where another one makes the run fail: as if it were a run of its own. Something passed on it, and what did
 * not is in quarantine. `passedBefore`: in an earlier attempt.
 */
export function isGreenTarget(jobs: readonly Job[], failOnFlaky: boolean, passedBefore = 0): boolean {
  const isFlaky = (job: Job): boolean => resultOf(job) === 'flaky' || (job.report?.flaky ?? 0) > 0;
  const isGreen = (job: Job): boolean =>
    (job.status === 'passed' && !(failOnFlaky && resultOf(job) === 'flaky')) ||
    (job.status === 'failed' && isQuarantined(job) && !(failOnFlaky && isFlaky(job)));
  const passed = jobs.filter(({ status }) => status === 'passed').length;
  return passed + passedBefore > 0 && jobs.every(isGreen);
}

/**
 * Why the target of a green run is red all the same: all that failed on it is excused (known, or in quarantine), and nothing passed on
 * it. `passedBefore`: jobs that passed in an earlier attempt, which may be of this target.
 */
export function nothingPassed(jobs: readonly Job[], passedBefore: number): string | undefined {
  if (jobs.length === 0 || passedBefore > 0 || jobs.some(({ status }) => status === 'passed'))
    return undefined;
  return 'nothing passed on this target: what failed is excused, but that is no pass';
}

const knownToFail = 'known to fail';
const inQuarantine = 'in quarantine';

const wordOf = (job: Job): string =>
  isQuarantined(job) ? inQuarantine : job.known_failure === true ? knownToFail : resultOf(job);

/** `3 jobs: 1 failed, 2 passed`, the title of a target's check run. */
export function titleOfTarget(jobs: readonly Job[], passedBefore = 0): string {
  if (jobs.length === 0 && passedBefore > 0) return 'every job passed in an earlier attempt';
  const counts: Record<string, number> = {};
  for (const word of ['failed', 'errored', 'cancelled', knownToFail, inQuarantine, 'flaky', 'passed'])
    counts[word] = 0;
  for (const job of jobs) {
    const word = wordOf(job);
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return cleanLine(`${plural(jobs.length, 'job')}: ${listCounts(counts)}`, titleLength);
}

/** What the check run of a target says below its title. `record`: the jobs are those of the target alone. */
export const summaryOfTarget = (input: Omit<SummaryInput, 'waited'>): string =>
  renderSummary({ ...input, waited: true }, maxSummaryBytes);
