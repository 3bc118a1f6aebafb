const dayMs = 86_400_000;

export interface ClockSources {
  /** Epoch ms; may jump. */
  readonly wall: () => number;
  /** Ms since some moment; never jumps. */
  readonly monotonic: () => number;
}

const systemSources: ClockSources = { wall: Date.now, monotonic: () => performance.now() };

/**
 * The server's clock, in epoch ms: the wall clock at the start, and from then on the monotonic one, so that no lease ends
 * early and none lives for ever when somebody sets the wall clock. Where the database knows a later instant (`newest`: the
 * wall clock was set back between two starts), it goes on from there; one that lies more than a day ahead is not believed.
 */
export function createClock(newest: number, sources: ClockSources = systemSources): () => number {
  const wall = sources.wall();
  const anchor = newest > wall && newest - wall <= dayMs ? newest : wall;
  const started = sources.monotonic();
  return () => Math.round(anchor + sources.monotonic() - started);
}
