/** A batch as the choice sees it. Times in ms. */
export interface Candidate {
  readonly batchId: number;
  readonly groupId: number;
  /** Lower first. */
  readonly tag: number;
  /** Devices online that hold the group's install. */
  readonly holders: number;
  /** Queued jobs of the group, and their predicted work. */
  readonly groupQueued: number;
  readonly groupQueuedMs: number;
  /** Mean of the group's past installs; undefined before the first. */
  readonly setupMs: number | undefined;
}

export interface Question {
  /** The best batch of the group that the device has installed. */
  readonly warm: Candidate | undefined;
  /** The pool's best batches of other groups, lowest tag first. */
  readonly cold: readonly Candidate[];
}

// The work is a guess until durations are kept, so a measured install of a few ms must not make every split look free.
const leastSetupMs = 30_000;

/**
 * Which batch a free device should take next: what it has installed; else the first group that no device holds; else
 * the first group whose work, shared with one more device, ends sooner in spite of another install. Undefined when an
 * idle device is right. The full policy replaces this one behind the same function.
 */
export function choose({ warm, cold }: Question): Candidate | undefined {
  return warm ?? cold.find((one) => one.holders === 0) ?? cold.find(splittingPays);
}

/** With `d` holders the group takes R/d; a further device has it after its install and its share: s + R/n < R/d. */
function splittingPays({ holders, groupQueued, groupQueuedMs, setupMs = 0 }: Candidate): boolean {
  return Math.max(leastSetupMs, setupMs) + groupQueuedMs / groupQueued < groupQueuedMs / holders;
}

const workPerLeaseMs = 30_000;

/** How many of these jobs one lease takes: about 30 s of predicted work, at least one, at most `most`. */
export function chunkSize(estimates: readonly number[], most: number): number {
  let work = 0;
  let size = 0;
  while (size < Math.min(estimates.length, most) && (size === 0 || work < workPerLeaseMs)) {
    work += estimates[size] ?? 0;
    size += 1;
  }
  return size;
}
