/** The virtual clock of a pool at an instant. Times in ms. */
export interface VirtualClock {
  readonly v: number;
  readonly at: number;
  /** Weight of the batches that are virtually still being served. */
  readonly weight: number;
}

/** A batch that is virtually still being served: it leaves when V reaches its tag. */
export interface VirtualBatch {
  readonly tag: number;
  readonly weight: number;
}

// A farm also installs and waits; V runs ahead of it by as much.
const speed = 1.35;

/**
 * The clock at `now`: V goes by `speed` · devices / weight, and faster each time a batch has left. `batches` in order of
 * their tags; when there are `more` of them than these and all of these have left, the answer is the clock at the moment
 * when the last one did.
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
  // With nobody left to serve, time stands still.
  return more ? { v, at, weight } : { v, at: now, weight: 0 };
}
