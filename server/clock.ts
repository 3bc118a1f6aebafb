const dayMs = 86_400_000;

export interface ClockSources {
  /** Epoch ms; may jump. */
  readonly wall: () => number;
  /** Ms since any moment; never jumps. */
  readonly monotonic: () => number;
}

/** Epoch ms, by which others judge what the server signs for them. */
export const wallClock = (): number => Date.now();

const systemSources: ClockSources = { wall: Date.now, monotonic: () => performance.now() };

/**
 * The server's clock, in epoch ms. It begins at the wall clock and then follows the monotonic clock, so that a change
 * of the wall clock neither ends a lease early nor keeps it alive. `newest` is the last instant in the database:
 * where that is later than the wall clock, which was set back between two starts, the clock begins there; but not
 * where it lies more than a day ahead, since then that instant was wrong.
 */
export function createClock(newest: number, sources: ClockSources = systemSources): () => number {
  const wall = sources.wall();
  const anchor = newest > wall && newest - wall <= dayMs ? newest : wall;
  const started = sources.monotonic();
  return () => Math.round(anchor + sources.monotonic() - started);
}
