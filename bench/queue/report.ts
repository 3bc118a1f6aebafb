import type { DepthFigures } from './depth.ts';
import type { PollFigures } from './measure-polls.ts';
import type { SideFigures } from './measure-side.ts';
import type { Sizes } from './sizes.ts';

/** What a round of all sides came to, by side. */
export type Round = Readonly<Record<string, SideFigures>>;

/** Everything that a run of the bench has seen. */
export interface Measured {
  readonly started_at: string;
  readonly minutes: number;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly sizes: Sizes;
  readonly sides: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Servers that peers need, and why sides are missing. */
  readonly notes: readonly string[];
  readonly rounds: readonly Round[];
  /** By number of queued rows, a list of rounds. */
  readonly depth: Readonly<Record<string, readonly DepthFigures[]>>;
  readonly polls: readonly PollFigures[];
}

/** One target: the figure is the median of the rounds. What has no target is shown beside them. */
export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly figure: number;
  /** Of each round. */
  readonly rounds: readonly number[];
  readonly isMet?: boolean;
  readonly why?: string;
}

export interface Report extends Measured {
  readonly targets: readonly Verdict[];
}
