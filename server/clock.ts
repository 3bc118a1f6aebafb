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

export interface SharedClock {
  /** Epoch ms; never goes back. */
  readonly now: () => number;
  /** `at`: the instant that the source of the shared time says it is now, epoch ms. */
  correct(at: number): void;
  /** Called when the clock has jumped ahead by more than a second: what was renewed by the old time looks expired. */
  onJump(listener: () => void): void;
}

const jumpMs = 1000;

/**
 * The clock of servers that share a database: that of the database, so that they agree, between two readings by the
 * monotonic clock of this host. Where the database's is ahead, this one jumps there; where it is behind, this one goes at
 * half its speed or stands still until the two agree.
 */
export function createSharedClock(
  at: number,
  newest: number,
  monotonic = systemSources.monotonic,
): SharedClock {
  const listeners: (() => void)[] = [];
  let anchor = newest > at && newest - at <= dayMs ? newest : at;
  let started = monotonic();
  let last = Number.NEGATIVE_INFINITY;
  const read = () => anchor + monotonic() - started;
  return {
    now() {
      last = Math.max(last, Math.round(read()));
      return last;
    },
    correct(wanted) {
      const elapsed = monotonic() - started;
      const off = Math.max(wanted - read(), -elapsed / 2);
      anchor = read() + off;
      started = monotonic();
      if (off > jumpMs) for (const listener of listeners) listener();
    },
    onJump: (listener) => void listeners.push(listener),
  };
}
