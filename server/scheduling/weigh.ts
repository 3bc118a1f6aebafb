/**
 * The share of a pool that a batch is worth: each step of priority is 1.4 times the one below, the runs that an org has
 * open share what the square root of their number is worth, so that a flood of k runs weighs √k and not k; and all of it
 * times the weight that the operator gave the org.
 */
export const weightOf = (priority: number, activeRuns: number, orgWeight = 1): number =>
  (orgWeight * 1.4 ** (priority - 5)) / Math.sqrt(Math.max(1, activeRuns));

/** When a batch becomes overdue, ms after its arrival: priority 1 after an hour, 5 after half of one, 10 after 12 min. */
export const patienceMs = (priority: number): number => 1_800_000 * 2 ** ((5 - priority) / 4);

/** An install that was never measured, in ms. */
export const unknownSetupMs = 30_000;
/**
 * What an install is taken to cost, ms. Guess against guess: a measured install of a few ms beside guessed tests would
 * make every split look free.
 */
export const believedSetupMs = (measuredMs: number | null, isGuessed: boolean): number =>
  Math.max(measuredMs ?? unknownSetupMs, isGuessed ? unknownSetupMs : 0);

/** A test that nobody has run yet, where not even its org has any history, in ms. */
export const unknownTestMs = 10_000;

export interface Arrival {
  /** The pool's virtual time now, ms. */
  readonly v: number;
  readonly weight: number;
  /** Predicted work of its jobs, ms. */
  readonly workMs: number;
  /** Of an install, ms; 0 where a device of the pool holds the app already. */
  readonly setupMs: number;
}

/**
 * The rank of a batch, lower first: the virtual time at which it would end if the pool were shared out by weight. It
 * never changes, so it can be an index, and a batch that comes after V has passed another's tag never outranks that.
 */
export const tagOf = ({ v, weight, workMs, setupMs }: Arrival): number => v + (workMs + setupMs) / weight;
