/** Predicted work that a lease is filled up to, ms. */
export const workPerLeaseMs = 30_000;

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
