import type { ErrorClass, Outcome, Verdict, WaitReason } from '../../protocol/states.ts';
import type { JobRow } from './rows.ts';

/** How an attempt ended, as the lifecycle's table sees it. */
export interface Ending {
  readonly verdict: Verdict;
  readonly errorClass?: ErrorClass | undefined;
  readonly error?: string | undefined;
}

/** What changes on the job's row. Absent: as it was. */
export interface Change {
  readonly status: JobRow['status'];
  readonly outcome: Outcome | null;
  readonly waitReason: WaitReason | null;
  readonly runAt: number | null;
  readonly failures: number;
  readonly testFailures: number;
  readonly crashes: number;
  readonly releases: number;
  /** True: another device first, for a while. */
  readonly avoid: boolean;
  readonly error: string | null;
}

const maxCrashes = 3;
const minute = 60_000;

/** Backoff: base · 2ⁿ with n from 0, capped, times 0.5 to 1. All in ms. */
export function backoffMs(baseMs: number, n: number, capMs: number, random: number): number {
  return Math.round(Math.min(capMs, baseMs * 2 ** n) * (0.5 + random / 2));
}

/**
 * Rows 5 to 12, 14, 17 and 18 of the lifecycle: what becomes of a job whose attempt ended so. Pure; `random` is in [0, 1).
 */
export function judge(job: JobRow, ending: Ending, now: number, random: number): Change {
  if (ending.verdict === 'passed') {
    return final(job, 'passed', job.testFailures > 0 ? 'flaky' : 'passed', undefined);
  }
  const failed = { ...job, testFailures: job.testFailures + (ending.verdict === 'failed' ? 1 : 0) };
  if (ending.verdict === 'failed') return judgeFailed(failed, ending);
  // From here on no verdict of the test: a cancel that was asked for wins.
  if (job.cancelRequestedAt !== null) return final(job, 'cancelled', 'cancelled', ending.error);
  return judgeError(job, ending, now, random);
}

function judgeFailed(job: JobRow, { error }: Ending): Change {
  if (job.testFailures > job.retryFailedTests) return final(job, 'failed', 'failed', error);
  // A failure that would be tried again is no verdict yet, so the cancel wins; a final one stands.
  if (job.cancelRequestedAt !== null) return final(job, 'cancelled', 'cancelled', error);
  return { ...keep(job, error), status: 'queued', avoid: true };
}

function judgeError(
  job: JobRow,
  { errorClass, error, verdict }: Ending,
  now: number,
  random: number,
): Change {
  const wait = (reason: WaitReason, ms: number, change: Partial<Change> = {}): Change => ({
    ...keep(job, error),
    status: 'waiting',
    waitReason: reason,
    runAt: now + ms,
    ...change,
  });
  if (verdict === 'cancelled' || errorClass === 'interrupted') {
    return { ...keep(job, error), status: 'queued', releases: job.releases + 1 };
  }
  switch (errorClass) {
    case 'install_failed':
      return wait('install_failed', minute / 2, { avoid: true });
    case 'capacity':
      return wait('capacity', backoffMs(minute, 0, minute, random));
    case 'build_error':
    case 'rejected':
      return final(job, 'errored', errorClass, error);
    case 'lost':
      if (job.crashes + 1 >= maxCrashes)
        return final({ ...job, crashes: job.crashes + 1 }, 'errored', 'poison', error);
      return wait('backoff', backoffMs(5000, job.crashes, 15 * minute, random), { crashes: job.crashes + 1 });
    default: {
      const failures = job.failures + 1;
      const outcome = errorClass === 'timeout' ? 'timeout' : 'infra_error';
      if (failures > job.maxRetries) return final({ ...job, failures }, 'errored', outcome, error);
      return wait('backoff', backoffMs(10_000, job.failures, 15 * minute, random), { failures, avoid: true });
    }
  }
}

const keep = (job: JobRow, error: string | undefined): Omit<Change, 'status'> => ({
  outcome: null,
  waitReason: null,
  runAt: null,
  failures: job.failures,
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
