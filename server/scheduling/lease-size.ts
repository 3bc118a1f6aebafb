/** The queued jobs of a group, and the devices that could share them. Times in ms. */
export interface Sharing {
  readonly jobs: number;
  /** Predicted work of these jobs. */
  readonly workMs: number;
  /** How long until the device that requests can begin: an install, or 0. */
  readonly ownStartMs: number;
  /** The same for each other device that would get jobs of the group: the rest of its lease too. */
  readonly startsMs: readonly number[];
}

/**
 * The most jobs that one lease takes of a group: its queued jobs divided by the devices that would be given them now, so
 * that these end together. A device that is busy for longer than the others need for all of the jobs does not count.
 */
export function shareOf({ jobs, workMs, ownStartMs, startsMs }: Sharing): number {
  let devices = 1;
  let total = workMs + ownStartMs;
  for (const start of startsMs.toSorted((a, b) => a - b)) {
    // The devices so far would end at `total / devices`.
    if (start >= total / devices) break;
    devices += 1;
    total += start;
  }
  return Math.max(1, Math.ceil(jobs / devices));
}

/** Predicted work that a lease is filled up to, ms. */
export const workPerLeaseMs = 30_000;

/** The same where no other group waits for a device of the pool: each lease costs a start of the framework. */
export const workPerLoneLeaseMs = 60_000;

/** How many of these jobs one lease takes: about `workMs` of predicted work, at least one, at most `most`. */
export function chunkSize(estimates: readonly number[], most: number, workMs = workPerLeaseMs): number {
  let work = 0;
  let size = 0;
  while (size < Math.min(estimates.length, most) && (size === 0 || work < workMs)) {
    work += estimates[size] ?? 0;
    size += 1;
  }
  return size;
}
