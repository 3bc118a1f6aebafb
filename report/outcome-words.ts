import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';

/** A job's result in one word: its status, and `flaky` for a pass after a failure. */
export const resultOf = (job: Pick<Job, 'status' | 'outcome'>): string =>
  job.outcome === 'flaky' ? 'flaky' : job.status;

const infrastructure = 'a problem of the infrastructure and not of a test';

const words: Readonly<Record<string, string>> = {
  report_error: "the test's report could not be believed",
  timeout: 'the test took longer than it may',
  install_failed: 'the app could not be installed',
  build_error: 'the app file is not valid',
  rejected: 'the agent refused the job',
  no_device: 'no device offers the target',
  expired_in_queue: 'no device took it in time',
};

/** Why a job has no verdict, by its outcome: not always a problem of the infrastructure. */
export const wordsOfOutcome = ({ outcome }: Pick<Job, 'outcome'>): string =>
  words[outcome ?? ''] ?? infrastructure;

/** Whether a failure is known on the base branch, or new; '' where that is not known, or nothing failed. */
export const knownWords = ({ known_failure: known }: Pick<Job, 'known_failure'>): string =>
  known === null ? '' : known ? 'known' : 'new';

/** Why a run ended as it did, where its status alone does not say it; '' where it does. */
export function wordsOfReason({ reason, counts }: Pick<Run, 'reason' | 'counts'>): string {
  const jobs = counts.failed === 1 ? 'job' : 'jobs';
  if (reason === 'known_failures')
    return `known failures alone: ${counts.failed} ${jobs} failed, as on the base branch`;
  if (reason !== 'max_failures') return reason ?? '';
  const others = counts.cancelled === 1 ? 'was' : 'were';
  return `max_failures: ${counts.failed} ${jobs} failed, so ${counts.cancelled} ${others} not run`;
}

/** Why these jobs have no verdict, each reason once, in one line; '' where all have one. */
export function reasonsOf(jobs: readonly Pick<Job, 'status' | 'outcome'>[]): string {
  return [...new Set(jobs.filter(({ status }) => status === 'errored').map(wordsOfOutcome))].join('; ');
}
