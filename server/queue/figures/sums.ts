/** How often a duration fell into each bucket, by its number. */
export type Histogram = Readonly<Record<string, number>>;

/** What happened in a span of time: counts, sums of ms, and histograms. What is missing is 0. */
export interface Sums {
  /** Final jobs by how they ended; a flaky one is passed too. */
  readonly passed?: number;
  readonly failed?: number;
  readonly errored?: number;
  readonly cancelled?: number;
  readonly flaky?: number;
  readonly runs?: number;
  readonly installs?: number;
  readonly saved?: number;
  readonly savedMs?: number;
  /** Of attempts with a verdict of their test. */
  readonly testMs?: number;
  readonly test?: Histogram;
  /** The same of executions of hunts: they take time of devices, and count in nothing else. */
  readonly huntMs?: number;
  /** Time in sessions at a device provider, of attempts of any end. */
  readonly cloudMs?: number;
  /** From the submit to the first start. */
  readonly wait?: Histogram;
  /** From the submit of a run to its end. */
  readonly feedback?: Histogram;
}

// Each bucket is a tenth wider than the one before: a percentile is off by at most 5 %.
const factor = Math.log(1.1);

/** The bucket of a duration. */
export const bucketOf = (ms: number): string => String(Math.round(Math.log(Math.max(0, ms) + 1) / factor));

/** A histogram of one duration. */
export const one = (ms: number): Histogram => ({ [bucketOf(ms)]: 1 });

/** Both together. */
export function addSums(a: Sums, b: Sums): Sums {
  const sum: Record<string, number | Histogram> = { ...a };
  for (const [name, value] of Object.entries(b) as [string, number | Histogram][]) {
    const had = sum[name];
    sum[name] =
      typeof value === 'number'
        ? ((had as number | undefined) ?? 0) + value
        : addHistograms((had as Histogram | undefined) ?? {}, value);
  }
  return sum;
}

function addHistograms(a: Histogram, b: Histogram): Histogram {
  const sum: Record<string, number> = { ...a };
  for (const [bucket, n] of Object.entries(b)) sum[bucket] = (sum[bucket] ?? 0) + n;
  return sum;
}

/** Durations in a few numbers, ms; null where there were none. */
export interface Spread {
  readonly n: number;
  readonly mean_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

/** `sumMs`: the exact sum, where it is known; else the mean is that of the buckets. */
export function spreadOf(histogram: Histogram = {}, sumMs?: number): Spread {
  const buckets = Object.entries(histogram)
    .map(([bucket, n]) => ({ ms: Math.round(Math.exp(Number(bucket) * factor) - 1), n }))
    .sort((a, b) => a.ms - b.ms);
  const n = buckets.reduce((sum, bucket) => sum + bucket.n, 0);
  if (n === 0) return { n, mean_ms: null, p50_ms: null, p95_ms: null };
  const about = buckets.reduce((sum, bucket) => sum + bucket.ms * bucket.n, 0);
  const at = (share: number): number => {
    let seen = 0;
    for (const bucket of buckets) {
      seen += bucket.n;
      if (seen >= share * n) return bucket.ms;
    }
    return buckets.at(-1)?.ms ?? 0;
  };
  return { n, mean_ms: Math.round((sumMs ?? about) / n), p50_ms: at(0.5), p95_ms: at(0.95) };
}
