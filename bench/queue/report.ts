import type { DepthFigures } from './depth.ts';
import type { PollFigures } from './measure-polls.ts';
import type { SideFigures } from './measure-side.ts';
import type { Sizes } from './options.ts';
import type { RoundTrips } from './round-trips.ts';

/** Figures of one round, by side. */
export type Round = Readonly<Record<string, SideFigures>>;

/** Everything that a run of the benchmark measured. */
export interface Measured {
  readonly started_at: string;
  readonly minutes: number;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly sizes: Sizes;
  readonly sides: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Version and settings of the servers that peers use. */
  readonly notes: readonly string[];
  readonly rounds: readonly Round[];
  /** How often a second the disk alone can sync, before each phase, by the letters of its parts; one figure a round. */
  readonly disk: Readonly<Record<string, readonly number[]>>;
  /** Figures of each round, by number of queued rows. */
  readonly depth: Readonly<Record<string, readonly DepthFigures[]>>;
  readonly polls: readonly PollFigures[];
  /** Requests of each verb to a libSQL server; absent if no side uses one. */
  readonly round_trips?: RoundTrips;
}

/** What is measured so far. */
export interface Draft extends Measured {
  minutes: number;
  notes: readonly string[];
  sides: Measured['sides'];
  readonly rounds: Record<string, SideFigures>[];
  readonly disk: Record<string, number[]>;
  readonly depth: Record<string, DepthFigures[]>;
  readonly polls: PollFigures[];
  round_trips?: RoundTrips;
}

/**
 * A target and whether it is met. The figure is the median of the rounds. A figure without a target has an empty
 * `target`.
 */
export interface TargetResult {
  readonly what: string;
  readonly target: string;
  readonly figure: number;
  /** The figure of each round. */
  readonly rounds: readonly number[];
  readonly isMet?: boolean;
  readonly why?: string;
}

export interface Report extends Measured {
  /** Why the run ended before all was measured. */
  readonly error?: string;
  readonly targets: readonly TargetResult[];
}
