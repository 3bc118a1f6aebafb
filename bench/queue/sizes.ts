/** How much is measured. */
export interface Sizes {
  readonly rounds: number;
  /** Submits of one job each: as many as take about this long, at most `submits`. */
  readonly submitMs: number;
  readonly submits: number;
  readonly inFlight: number;
  /** Jobs of one bulk submit, and how many such submits; what they make is drained. */
  readonly bulk: number;
  readonly bulks: number;
  /** Pickups: as many as take about this long, at most `pickups`. */
  readonly pickupMs: number;
  readonly pickups: number;
  /** Queued rows at which a lease is taken, and how many of them a round. */
  readonly depths: readonly number[];
  readonly takes: number;
  /** Of what is queued there. */
  readonly seed: number;
  /** Polls held in one process, and what is done beside them. */
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

/** To see whether everything runs; its figures mean little. */
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
