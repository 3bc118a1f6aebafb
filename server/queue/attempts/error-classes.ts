import type { ErrorClass, Outcome, WaitReason } from '../../../protocol/states.ts';

/** What one class of error does to the job whose attempt ended so, and to the device under it. Durations in ms. */
export interface ErrorEffect {
  /** The job's counter that goes up. Absent: it costs the job nothing. */
  readonly counts?: 'failures' | 'crashes' | 'releases';
  /** How the job ends once the budget of that counter is spent; at once where nothing is counted. */
  readonly endsAs?: Outcome;
  /** Tried again so often at most, however much is left of the budget. */
  readonly triesAgain?: 1;
  /** How it waits as long as it does not end. Absent: it is queued again at once. */
  readonly wait?: Wait;
  /** Another device first, for a while. */
  readonly avoidsDevice?: true;
  /** A few of these in a row rest the device. */
  readonly strikesDevice?: true;
  /** What it says of the group's app. Broken: no job of the group can ever run. Failed: so often in a row, it is broken. */
  readonly app?: 'broken' | 'failed';
  /** The same where it ended an install of its own rather than an attempt. */
  readonly appAtInstall?: 'failed';
}

export interface Wait {
  readonly reason: WaitReason;
  /** Doubles with each one counted before. */
  readonly baseMs: number;
  /** Default: the base. */
  readonly capMs?: number;
  /** Always the base; otherwise a random part, half of it at least, so that not all come back at once. */
  readonly isExact?: true;
}

const minute = 60_000;

/** A job may lose its agent so often; the last time ends it. */
export const maxCrashes = 3;

export const longestBackoffMs = 15 * minute;

const afterFailure: ErrorEffect = {
  counts: 'failures',
  wait: { reason: 'backoff', baseMs: 10_000, capMs: longestBackoffMs },
  avoidsDevice: true,
};

/** The classes of the lifecycle's table, for verdicts and for installs: budget, backoff, effect on device and group. */
export const errorEffects: Readonly<Record<ErrorClass, ErrorEffect>> = {
  infra_error: { ...afterFailure, endsAs: 'infra_error', strikesDevice: true, appAtInstall: 'failed' },
  // The report is to blame, not the device: no strike, no wait, no other device first.
  report_error: { counts: 'failures', triesAgain: 1, endsAs: 'report_error' },
  timeout: { ...afterFailure, endsAs: 'timeout' },
  // What ends these is the group's counter, not the job's.
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

/** What an error says of the app: of an attempt, or of the install before it. */
export const appAfter = (
  errorClass: ErrorClass | undefined,
  at: 'attempt' | 'install',
): ErrorEffect['app'] => {
  if (errorClass === undefined) return undefined;
  const { app, appAtInstall } = errorEffects[errorClass];
  return at === 'install' ? (appAtInstall ?? app) : app;
};
