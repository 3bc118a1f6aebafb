import type { ErrorClass, JobStatus, Outcome, Verdict } from '../../../protocol/states.ts';

/** What verbs count, with the labels of each. No id of an org, a run or a job, and no name of a test: those are endless. */
export interface Counted {
  readonly runsSubmitted: object;
  readonly jobsSubmitted: { readonly target: string };
  readonly leases: { readonly target: string };
  readonly leasesExpired: { readonly why: 'silent' | 'overdue' | 'restarted' };
  readonly verdicts: { readonly verdict: Verdict };
  readonly attemptErrors: { readonly class: ErrorClass };
  /** `test_failed`: the test itself failed and has a retry left. */
  readonly retries: { readonly class: ErrorClass | 'test_failed' };
  readonly installs: object;
  readonly installErrors: { readonly class: ErrorClass };
  readonly jobsFinished: { readonly status: JobStatus; readonly outcome: Outcome };
  readonly runsFinished: { readonly conclusion: string };
  readonly installsSaved: object;
  /** In seconds. */
  readonly installTimeSaved: object;
  readonly outboxGivenUp: { readonly kind: string };
  readonly outboxDeliveries: { readonly kind: string; readonly result: 'taken' | 'failed' };
}

/** What verbs time, in ms, with the labels of each. */
export interface Timed {
  readonly jobWait: { readonly target: string };
  readonly attempt: { readonly target: string };
  readonly install: object;
  readonly feedback: object;
}

/**
 * Takes what a verb counts, once its commit is on disk: never before, since a commit may fail. It knows nothing of who
 * shows it (server/metrics). Counts of a process begin with it.
 */
export interface Meter {
  count<N extends keyof Counted>(name: N, labels: Counted[N], n?: number): void;
  /** `ms` is what it took. */
  time<N extends keyof Timed>(name: N, labels: Timed[N], ms: number): void;
}

/** Counts nothing. */
export const noMeter: Meter = { count: () => undefined, time: () => undefined };
