import type { ErrorClass, Outcome, WaitReason } from '../../../protocol/states.ts';

/** The effects of one class of error on the job, its device and its app. Durations in ms. */
export interface ErrorEffect {
  /** The job's counter that goes up. Absent: nothing is counted. */
  readonly counts?: 'failures' | 'crashes' | 'releases';
  /** The outcome with which the job ends once the budget of that counter is spent; at once where nothing is counted. */
  readonly endsAs?: Outcome;
  /** Tried again at most so often, also where more of the budget is left. */
  readonly triesAgain?: 1;
  /** How the job waits before it is tried again. Absent: it is queued at once. */
  readonly wait?: Wait;
  /** The job avoids the device for a while. */
  readonly avoidsDevice?: true;
  /** A few of these in a row bench the device. */
  readonly strikesDevice?: true;
  /**
   * What it says about the app of the group. `broken`: no job of the group can ever run, so all end. `failed`: they end
   * after a few of these in a row.
   */
  readonly app?: 'broken' | 'failed';
  /** The same for an error of the install before the attempts. */
  readonly appAtInstall?: 'failed';
}

export interface Wait {
  readonly reason: WaitReason;
  /** Doubles with each error that was counted before. */
  readonly baseMs: number;
  /** Default: the base. */
  readonly capMs?: number;
  /** Always the base. Absent: a random part of it, at least half, so that not all jobs come back at once. */
  readonly isExact?: true;
}

const minute = 60_000;

/** How often a job may lose its agent; the last time ends it. */
export const maxCrashes = 3;

export const longestBackoffMs = 15 * minute;

const afterFailure: ErrorEffect = {
  counts: 'failures',
  wait: { reason: 'backoff', baseMs: 10_000, capMs: longestBackoffMs },
  avoidsDevice: true,
};

/** The table of error classes in docs/job-lifecycle.md, for verdicts and for installs. */
export const errorEffects: Readonly<Record<ErrorClass, ErrorEffect>> = {
  infra_error: { ...afterFailure, endsAs: 'infra_error', strikesDevice: true, appAtInstall: 'failed' },
  // The report is to blame and not the device: no strike, no wait, no device to avoid.
  report_error: { counts: 'failures', triesAgain: 1, endsAs: 'report_error' },
  timeout: { ...afterFailure, endsAs: 'timeout' },
  // The group counts these failures, and not the job.
  install_failed: {
    wait: { reason: 'install_failed', baseMs: minute / 2, isExact: true },
    avoidsDevice: true,
    strikesDevice: true,
    app: 'failed',
  },
  build_error: { endsAs: 'build_error', app: 'broken' },
  capacity: { wait: { reason: 'capacity', baseMs: minute } },
  lost: {
    counts: 'crashes',
    endsAs: 'poison',
    wait: { reason: 'backoff', baseMs: 5000, capMs: longestBackoffMs },
  },
  interrupted: { counts: 'releases' },
  rejected: { endsAs: 'rejected' },
};

/** What an error of an attempt, or of the install before it, says about the app. */
export const appAfter = (
  errorClass: ErrorClass | undefined,
  at: 'attempt' | 'install',
): ErrorEffect['app'] => {
  if (errorClass === undefined) return undefined;
  const { app, appAtInstall } = errorEffects[errorClass];
  return at === 'install' ? (appAtInstall ?? app) : app;
};
