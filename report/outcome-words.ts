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

/** Quarantines excuse all that failed in it, as it was when it failed. */
export const isQuarantined = ({ quarantined_by: by }: Pick<Job, 'quarantined_by'>): boolean =>
  (by ?? []).length > 0;

/** Whether a failure is excused: by a quarantine, or since the base branch fails so too. */
export const isExcused = (job: Pick<Job, 'quarantined_by' | 'known_failure'>): boolean =>
  isQuarantined(job) || job.known_failure === true;

/** Whether a failure is in quarantine, known on the base branch, or new; '' where that is not known, or nothing failed. */
export function knownWords(job: Pick<Job, 'known_failure' | 'quarantined_by'>): string {
  if (isQuarantined(job)) return 'quarantined';
  return job.known_failure === null ? '' : job.known_failure ? 'known' : 'new';
}

/** `@ann, until 2026-12-24 12:00 UTC`, of the quarantines that excuse a failure, each owner once; '' where none does. */
export function quarantineWords({ quarantined_by: by }: Pick<Job, 'quarantined_by'>): string {
  const owners = Map.groupBy(by ?? [], ({ owner }) => owner);
  const first = (all: readonly { ends_at: string }[]) => all.map(({ ends_at: at }) => at).sort()[0] ?? '';
  return [...owners].map(([owner, all]) => `${owner}, until ${toMinute(first(all))}`).join('; ');
}

const toMinute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** Why a run ended as it did, where its status alone does not say it; '' where it does. */
export function wordsOfReason({ reason, counts }: Pick<Run, 'reason' | 'counts'>): string {
  const jobs = counts.failed === 1 ? 'job' : 'jobs';
  if (reason === 'known_failures')
    return `known failures alone: ${counts.failed} ${jobs} failed, as on the base branch`;
  if (reason === 'quarantined')
    return `failures in quarantine alone: ${counts.failed} ${jobs} failed, and the run does not fail by them`;
  if (reason !== 'max_failures') return reason ?? '';
  const others = counts.cancelled === 1 ? 'was' : 'were';
  return `max_failures: ${counts.failed} ${jobs} failed, so ${counts.cancelled} ${others} not run`;
}

/** Why these jobs have no verdict, each reason once, in one line; '' where all have one. */
export function reasonsOf(jobs: readonly Pick<Job, 'status' | 'outcome'>[]): string {
  return [...new Set(jobs.filter(({ status }) => status === 'errored').map(wordsOfOutcome))].join('; ');
}
