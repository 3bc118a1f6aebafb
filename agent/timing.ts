import { limits } from '../protocol/limits.ts';

/** A longer timer fires at once. In ms. */
export const longestTimerMs = 2 ** 31 - 1;

/** All times of the agent, in ms. They are passed in, so that a test need not wait. */
export interface Timing {
  /** How long the server may hold a lease request that finds nothing. */
  readonly longPollMs: number;
  /** How much longer than its hold a long poll may take before it counts as lost. */
  readonly callSlackMs: number;
  /** A long poll that answers nothing sooner than this is not asked again at once. */
  readonly earlyMs: number;
  /** Pause after such an early answer, at most; jittered. */
  readonly earlyPauseMs: number;
  /** First pause after an error; doubles up to `maxBackOffMs`. */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Tries before a refused token ends the agent. */
  readonly refusals: number;
  readonly installMs: number;
  /** For the set-up of a bundle. */
  readonly setUpMs: number;
  /** How long a framework may be quiet before its first test or after its last, where no job of its may run longer. */
  readonly loadMs: number;
  readonly ladder: LadderTiming;
  /** How long web servers that no lease uses stay up. */
  readonly serveIdleMs: number;
  /** How often each device is looked at. */
  readonly examineMs: number;
  /** How long a hook of the host may take. */
  readonly hookMs: number;
  /** How long a device may take to answer a look. */
  readonly examineLimitMs: number;
  /** How often it is looked whether what another process of this host had is free. */
  readonly lookMs: number;
  /** Log bytes wait at most this long, or until `logFlushBytes` are there. */
  readonly logFlushMs: number;
  readonly logFlushBytes: number;
  /** How long the end of a log may hold up a verdict. */
  readonly logCloseMs: number;
  /** How long a verdict, an install or a start is sent again to a server that answers only with errors. */
  readonly verdictMs: number;
  /** A verdict that has no answer after this time is written to disk. */
  readonly spoolAfterMs: number;
  /** How long an ending agent waits for a server that is away, for each of: a log, a verdict, a release. */
  readonly leaveMs: number;
  /** How long an upload of an artifact is tried again: as long as the server takes what comes late. */
  readonly evidenceMs: number;
  /** An upload on which nothing goes on for so long is begun anew. */
  readonly stallMs: number;
  /** How long a recording of a device may take to end and to hand over its files. */
  readonly recordEndMs: number;
  /** How long a verdict waits for what a provider says of its session. */
  readonly providerMs: number;
  /** How long an ending agent waits for the uploads of artifacts. */
  readonly leaveEvidenceMs: number;
  /** After this time a drain interrupts the tests that still run. */
  readonly drainMs: number;
}

export interface LadderTiming {
  /** After the framework's own signal. */
  readonly ownMs: number;
  /** After SIGTERM. */
  readonly termMs: number;
  /** For processes that a child left behind to close its output, after the child has ended. */
  readonly lingerMs: number;
}

export const defaultTiming: Timing = {
  longPollMs: limits.longPollMs,
  callSlackMs: 10_000,
  earlyMs: 1000,
  earlyPauseMs: 3000,
  backOffMs: 1000,
  maxBackOffMs: 30_000,
  refusals: 5,
  installMs: 180_000,
  setUpMs: 10 * 60_000,
  loadMs: 60_000,
  ladder: { ownMs: 10_000, termMs: 5000, lingerMs: 2000 },
  serveIdleMs: 60_000,
  examineMs: 4000,
  hookMs: 120_000,
  examineLimitMs: 5000,
  lookMs: 1000,
  logFlushMs: 1000,
  logFlushBytes: 64 * 1024,
  logCloseMs: 10_000,
  verdictMs: 15 * 60_000,
  spoolAfterMs: 1000,
  leaveMs: 3000,
  evidenceMs: 10 * 60_000,
  stallMs: 60_000,
  recordEndMs: 60_000,
  providerMs: 2000,
  leaveEvidenceMs: 60_000,
  drainMs: 15 * 60_000,
};
