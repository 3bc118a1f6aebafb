import type { ErrorClass, Outcome, WaitReason } from '../../protocol/states.ts';

/** What one class of error does to the job whose attempt ended so, and to the device under it. Durations in ms. */
export interface ErrorRule {
  /** The job's counter that goes up. Absent: it costs the job nothing. */
  readonly counts?: 'failures' | 'crashes' | 'releases';
  /** How the job ends once the budget of that counter is spent; at once where nothing is counted. */
  readonly endsAs?: Outcome;
  /** How it waits as long as it does not end. Absent: it is queued again at once. */
  readonly wait?: Wait;
  /** Another device first, for a while. */
  readonly avoidsDevice?: true;
  /** A few of these in a row rest the device. */
  readonly strikesDevice?: true;
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

/** What a failed install keeps the jobs of its lease from trying again. */
export const installWaitMs = minute / 2;

const afterFailure: ErrorRule = {
  counts: 'failures',
  wait: { reason: 'backoff', baseMs: 10_000, capMs: longestBackoffMs },
  avoidsDevice: true,
};

/** The classes of the lifecycle's table: budget, backoff, effect on the device. */
export const errorRules: Readonly<Record<ErrorClass, ErrorRule>> = {
  infra_error: { ...afterFailure, endsAs: 'infra_error', strikesDevice: true },
  // The report is to blame, not the device: no strike, no wait, no other device first.
  report_error: { counts: 'failures', endsAs: 'report_error' },
  timeout: { ...afterFailure, endsAs: 'timeout' },
  // What ends these is the group's counter, not the job's.
  install_failed: {
    wait: { reason: 'install_failed', baseMs: installWaitMs, isExact: true },
    avoidsDevice: true,
    strikesDevice: true,
  },
  build_error: { endsAs: 'build_error' },
  capacity: { wait: { reason: 'capacity', baseMs: minute } },
  lost: {
    counts: 'crashes',
    endsAs: 'poison',
    wait: { reason: 'backoff', baseMs: 5000, capMs: longestBackoffMs },
  },
  interrupted: { counts: 'releases' },
  rejected: { endsAs: 'rejected' },
};
