/** A value at an instant; `t` in seconds. */
export interface Point {
  readonly t: number;
  readonly value: number;
}

/** The middle value; of an even number the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const high = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] ?? Number.NaN) + high) / 2;
}

/** The value that a share of all is not above. NaN for none. */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

/** More points are thinned out: there is a slope for each pair. */
const mostPoints = 400;

/**
 * The slope of a line through the points, a second: the median of the slopes of all pairs (Theil and Sen). Up to a quarter of
 * the points may be anything, such as the peaks before a collection of garbage. 0 where there is no pair.
 */
export function slopeOf(points: readonly Point[]): number {
  const step = Math.ceil(points.length / mostPoints);
  const some = points.filter((_, n) => n % step === 0);
  const slopes: number[] = [];
  for (const [n, a] of some.entries())
    for (const b of some.slice(n + 1)) if (b.t !== a.t) slopes.push((b.value - a.value) / (b.t - a.t));
  return slopes.length === 0 ? 0 : median(slopes);
}

/** How much of a series is its beginning, in which caches fill. */
const warmUp = 1 / 3;

/** The points without the first third of their time. */
export function afterWarmUp(points: readonly Point[]): Point[] {
  const [from = 0, to = 0] = [points[0]?.t, points.at(-1)?.t];
  return points.filter(({ t }) => t >= from + (to - from) * warmUp);
}

export interface Growth {
  /** The usual value. */
  readonly level: number;
  /** What it grew by at its pace. */
  readonly growth: number;
}

/** By how much a figure of a process grew from the beginning to the end of these points, their first third left out. */
export function growthWithin(points: readonly Point[]): Growth {
  const settled = afterWarmUp(points);
  const took = (points.at(-1)?.t ?? 0) - (points[0]?.t ?? 0);
  return { level: median(settled.map(({ value }) => value)), growth: slopeOf(settled) * took };
}

/** How a figure grows from life to life, from the first to the last of these values. */
export function growthBetween(values: readonly number[]): Growth {
  const points = values.map((value, t) => ({ t, value }));
  return { level: median(values), growth: slopeOf(points) * (values.length - 1) };
}

/** What a figure may grow by: a part of its level, or `least` where that is more. And how high it may be at all. */
export interface Limit {
  readonly share: number;
  readonly least: number;
  readonly cap: number;
}

/** What it may grow by at this level. */
export const allowed = ({ share, least }: Limit, level: number): number => Math.max(least, share * level);

/** False too where nothing was measured. */
export const isFlat = ({ level, growth }: Growth, limit: Limit): boolean =>
  growth <= allowed(limit, level) && level <= limit.cap;
