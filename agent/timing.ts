import { limits } from '../protocol/limits.ts';

/** A longer timer fires at once. In ms. */
export const longestTimerMs = 2 ** 31 - 1;

/** Every time the agent goes by, in ms. Passed in, so that a test need not wait. */
export interface Timing {
  /** How long the server may hold a take that finds nothing. */
  readonly holdMs: number;
  /** What the network may add to a long poll before it counts as lost. */
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
  readonly ladder: LadderTiming;
  /** Log bytes wait at most this long, or until `logFlushBytes` are there. */
  readonly logFlushMs: number;
  readonly logFlushBytes: number;
  /** How long the end of a log may hold up a verdict. */
  readonly logCloseMs: number;
  /** How long a server that answers nothing but errors is asked to take a verdict, or an install. */
  readonly verdictMs: number;
  /** A verdict that was not answered by then goes to disk. */
  readonly spoolAfterMs: number;
  /** How long an agent that ends waits for a server that is away: for a log, a verdict and a release, one after another. */
  readonly leaveMs: number;
  /** A drain that takes longer interrupts what still runs. */
  readonly drainMs: number;
}

export interface LadderTiming {
  /** After the framework's own signal. */
  readonly ownMs: number;
  /** After SIGTERM. */
  readonly termMs: number;
  /** For what a child left behind to let go of its output, once the child itself is gone. */
  readonly lingerMs: number;
}

export const defaultTiming: Timing = {
  holdMs: limits.longPollMs,
  callSlackMs: 10_000,
  earlyMs: 1000,
  earlyPauseMs: 3000,
  backOffMs: 1000,
  maxBackOffMs: 30_000,
  refusals: 5,
  installMs: 180_000,
  ladder: { ownMs: 10_000, termMs: 5000, lingerMs: 2000 },
  logFlushMs: 1000,
  logFlushBytes: 64 * 1024,
  logCloseMs: 10_000,
  verdictMs: 15 * 60_000,
  spoolAfterMs: 1000,
  leaveMs: 3000,
  drainMs: 15 * 60_000,
};
