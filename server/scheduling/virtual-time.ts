/**
 * The share of a pool that a batch gets. Each step of priority weighs 1.4 times the step below. The open runs of an
 * org share the square root of their number, so that a flood of k runs weighs √k and not k. `orgWeight` is a factor
 * that the operator sets.
 */
export const weightOf = (priority: number, activeRuns: number, orgWeight = 1): number =>
  (orgWeight * 1.4 ** (priority - 5)) / Math.sqrt(Math.max(1, activeRuns));

/** How long after its arrival a batch is overdue, in ms: priority 1 after 60 min, 5 after 30 min, 10 after 12.6 min. */
export const patienceMs = (priority: number): number => 1_800_000 * 2 ** ((5 - priority) / 4);

/** The cost of an install that was never measured, in ms. */
export const unknownSetupMs = 30_000;

/**
 * The cost of an install that the choice reckons with, in ms. Where the durations of the tests are guesses, it is at
 * least the unknown one: a measured install of a few ms beside guessed tests would make every split look free.
 */
export const believedSetupMs = (measuredMs: number | null, isGuessed: boolean): number =>
  Math.max(measuredMs ?? unknownSetupMs, isGuessed ? unknownSetupMs : 0);

/** The duration of a test without any history, neither its own nor of its org, in ms. */
export const unknownTestMs = 10_000;

export interface Arrival {
  /** The pool's virtual time now, ms. */
  readonly v: number;
  readonly weight: number;
  /** Predicted work of its jobs, ms. */
  readonly workMs: number;
  /** The cost of an install, ms; 0 where a device of the pool has the app installed. */
  readonly setupMs: number;
}

/**
 * The rank of a batch, lower first: the virtual time at which it would end if the pool were shared by weight. It never
 * changes, so it can stand in an index. A batch that comes after V has passed another's tag never goes before that one.
 */
export const tagOf = ({ v, weight, workMs, setupMs }: Arrival): number => v + (workMs + setupMs) / weight;

/** The virtual clock of a pool at an instant. Times in ms. */
export interface VirtualClock {
  readonly v: number;
  readonly at: number;
  /** Sum of the weights of the batches that are virtually still served. */
  readonly weight: number;
}

/** A batch that is virtually still served, until V reaches its tag. */
export interface VirtualBatch {
  readonly tag: number;
  readonly weight: number;
}

// V goes this much faster than the devices work, because they also install and wait.
const speed = 1.35;

/**
 * The clock at `now`: V grows by `speed` · devices / weight, and faster each time a batch has left. `batches` are in
 * the order of their tags. `more`: there are others behind them; when all of these have left, the answer is the clock
 * at the moment when the last one left.
 */
export function advance(
  clock: VirtualClock,
  now: number,
  devices: number,
  batches: readonly VirtualBatch[],
  more = false,
): VirtualClock {
  let { v, at, weight } = clock;
  for (const batch of batches) {
    const ms = Math.max(0, ((batch.tag - v) * weight) / (speed * devices));
    if (at + ms > now) return { v: v + ((now - at) * speed * devices) / weight, at: now, weight };
    at += ms;
    v = Math.max(v, batch.tag);
    weight = Math.max(0, weight - batch.weight);
  }
  // With no batch left to serve, virtual time stands still.
  return more ? { v, at, weight } : { v, at: now, weight: 0 };
}
