import type { ErrorClass, Outcome, Verdict, WaitReason } from '../../../protocol/states.ts';
import type { JobRow } from '../store/rows.ts';
import { type ErrorEffect, errorEffects, maxCrashes, type Wait } from './error-classes.ts';

/** How an attempt ended. */
export interface Ending {
  readonly verdict: Verdict;
  readonly errorClass?: ErrorClass | undefined;
  readonly error?: string | undefined;
  /** A test in it failed and then passed, within the attempt. */
  readonly isFlaky?: boolean;
}

/** The new values of the job's row; the other columns stay. */
export interface Change {
  readonly status: JobRow['status'];
  readonly outcome: Outcome | null;
  readonly waitReason: WaitReason | null;
  readonly runAt: number | null;
  readonly failures: number;
  readonly reportErrors: number;
  readonly testFailures: number;
  readonly crashes: number;
  readonly releases: number;
  /** The job avoids this device for a while. */
  readonly avoid: boolean;
  readonly error: string | null;
}

/** Backoff: base · 2ⁿ with n from 0, at most the cap, times 0.5 to 1. All in ms. */
export function backoffMs(baseMs: number, n: number, capMs: number, random: number): number {
  return Math.round(Math.min(capMs, baseMs * 2 ** n) * (0.5 + random / 2));
}

/**
 * The state of a job after an attempt with this ending: rows 5 to 9, 8a, 10 to 12, 14, 17 and 18 of
 * docs/job-lifecycle.md. Pure; `random` is in [0, 1).
 */
export function nextJobState(job: JobRow, ending: Ending, now: number, random: number): Change {
  if (ending.verdict === 'passed') {
    const isFlaky = job.testFailures > 0 || ending.isFlaky === true;
    return final(job, 'passed', isFlaky ? 'flaky' : 'passed', undefined);
  }
  if (ending.verdict === 'failed')
    return afterFailure({ ...job, testFailures: job.testFailures + 1 }, ending);
  // The test itself has no verdict here, so a requested cancel wins.
  if (job.cancelRequestedAt !== null) return final(job, 'cancelled', 'cancelled', ending.error);
  return afterError(job, ending, now, random);
}

function afterFailure(job: JobRow, { error }: Ending): Change {
  if (job.testFailures > job.retryFailedTests) return final(job, 'failed', 'failed', error);
  // A failure that would be retried is not final, so a requested cancel wins; a final failure stays a failure.
  if (job.cancelRequestedAt !== null) return final(job, 'cancelled', 'cancelled', error);
  return { ...keep(job, error), status: 'queued', avoid: true };
}

function afterError(
  job: JobRow,
  { errorClass, error, verdict }: Ending,
  now: number,
  random: number,
): Change {
  const rule = errorEffects[ruleOf(verdict, errorClass)];
  const { counts, endsAs, triesAgain } = rule;
  const counted = countError(job, rule);
  const isSpent = (counts === undefined ? 0 : job[counts]) >= budgetOf(job, counts);
  const isRetrySpent = triesAgain !== undefined && job.reportErrors >= triesAgain;
  if (endsAs !== undefined && (isSpent || isRetrySpent)) return final(counted, 'errored', endsAs, error);
  return { ...keep(counted, error), ...pause(job, rule, now, random) };
}

const countError = (job: JobRow, { counts, triesAgain }: ErrorEffect): JobRow => ({
  ...job,
  ...(counts !== undefined && { [counts]: job[counts] + 1 }),
  ...(triesAgain !== undefined && { reportErrors: job.reportErrors + 1 }),
});

/**
 * The state of a job after a failed install (row 10): it waits as after an error of that class, and nothing is
 * counted.
 */
export const afterInstall = (job: JobRow, ending: Ending, now: number, random: number): Change => ({
  ...keep(job, ending.error),
  ...pause(job, errorEffects[ruleOf(ending.verdict, ending.errorClass)], now, random),
});

/** How a job waits before it is tried again. */
function pause(
  job: JobRow,
  { counts, wait, avoidsDevice }: ErrorEffect,
  now: number,
  random: number,
): Pick<Change, 'status' | 'waitReason' | 'runAt' | 'avoid'> {
  const avoid = avoidsDevice === true;
  if (wait === undefined) return { status: 'queued', waitReason: null, runAt: null, avoid };
  const before = counts === undefined ? 0 : job[counts];
  const runAt = now + waitMs(wait, before, random);
  return { status: 'waiting', waitReason: wait.reason, runAt, avoid };
}

/**
 * A cancel that nobody has requested counts as an interruption; an error without a class as one of the
 * infrastructure.
 */
const ruleOf = (verdict: Verdict, errorClass: ErrorClass = 'infra_error'): ErrorClass =>
  verdict === 'cancelled' ? 'interrupted' : errorClass;

/** How many of these a job may have; the next one ends it. */
function budgetOf(job: JobRow, counts: ErrorEffect['counts']): number {
  if (counts === 'failures') return job.maxRetries;
  return counts === 'crashes' ? maxCrashes - 1 : 0;
}

const waitMs = ({ baseMs, capMs = baseMs, isExact }: Wait, n: number, random: number): number =>
  isExact ? baseMs : backoffMs(baseMs, n, capMs, random);

const keep = (job: JobRow, error: string | undefined): Omit<Change, 'status'> => ({
  outcome: null,
  waitReason: null,
  runAt: null,
  failures: job.failures,
  reportErrors: job.reportErrors,
  testFailures: job.testFailures,
  crashes: job.crashes,
  releases: job.releases,
  avoid: false,
  error: error ?? null,
});

const final = (job: JobRow, status: string, outcome: Outcome, error: string | undefined): Change => ({
  ...keep(job, error),
  status,
  outcome,
});
