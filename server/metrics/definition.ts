/** One series, as `/metrics` and docs/metrics.md describe it. */
export interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[];
}

/** The type of a series, as Prometheus has it. */
export const typeOf = ({ name, buckets }: Definition): 'counter' | 'gauge' | 'histogram' => {
  if (buckets) return 'histogram';
  return name.endsWith('_total') ? 'counter' : 'gauge';
};
