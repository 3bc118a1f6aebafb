/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Time for submits of one job each, ms; at most `submits` of them. */
  readonly submitMs: number;
  readonly submits: number;
  readonly inFlight: number;
  /** Jobs in one bulk submit, and how many such submits; the jobs are then drained. */
  readonly bulk: number;
  readonly bulks: number;
  /** Time for pickups, ms; at most `pickups` of them. */
  readonly pickupMs: number;
  readonly pickups: number;
  /** Numbers of queued rows at which leases are taken, and how many leases per round. */
  readonly depths: readonly number[];
  readonly takes: number;
  /** Seed of the queued rows. */
  readonly seed: number;
  /** Long polls of one server, and the submits and pickups measured beside them. */
  readonly polls: number;
  readonly pollSubmits: number;
  readonly pollPickups: number;
}

export const fullSizes: Sizes = {
  rounds: 3,
  submitMs: 3000,
  submits: 20_000,
  inFlight: 64,
  bulk: 5000,
  bulks: 4,
  pickupMs: 15_000,
  pickups: 400,
  depths: [10_000, 100_000, 1_000_000],
  takes: 400,
  seed: 4,
  polls: 10_000,
  pollSubmits: 10_000,
  pollPickups: 200,
};

/** For a check that everything runs; the figures mean little. */
export const quickSizes: Sizes = {
  ...fullSizes,
  rounds: 1,
  submitMs: 500,
  submits: 2000,
  bulk: 1000,
  bulks: 2,
  pickupMs: 1000,
  pickups: 50,
  depths: [1000, 4000, 16_000],
  takes: 50,
  polls: 500,
  pollSubmits: 1000,
  pollPickups: 50,
};
