import type { Job } from '../protocol/shapes/job.ts';

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

/** Why a job that ended without a verdict has none, by its outcome: not everything is the infrastructure's. */
export const wordsOfOutcome = ({ outcome }: Pick<Job, 'outcome'>): string =>
  words[outcome ?? ''] ?? infrastructure;

/** The reasons of these jobs, each once, for a line about a run without a verdict; '' where no job lacks one. */
export function reasonsOf(jobs: readonly Pick<Job, 'status' | 'outcome'>[]): string {
  return [...new Set(jobs.filter(({ status }) => status === 'errored').map(wordsOfOutcome))].join('; ');
}
