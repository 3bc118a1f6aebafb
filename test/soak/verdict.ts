import type { Figure, Sample } from './sample.ts';
import { allowed, type Growth, growthBetween, growthWithin, isFlat, type Limit, median } from './series.ts';

/** Whether a figure stayed as it was. */
export interface Verdict extends Growth {
  readonly what: string;
  readonly unit: 'bytes' | 'pages' | 'count';
  /** What it was allowed to grow by. */
  readonly allowed: number;
  readonly isFlat: boolean;
}

const MiB = 1024 ** 2;

/** A leak of a KiB a job is found in half an hour: verdict.test.ts. */
export const heapLimit: Limit = { share: 0.08, least: 4 * MiB, cap: 300 * MiB };

interface Judged {
  readonly what: string;
  readonly unit: Verdict['unit'];
  readonly limit: Limit;
}

/** Of the process: it must not grow in its last life. */
const within: readonly (Judged & { readonly figure: Figure })[] = [
  {
    what: 'resident memory',
    figure: 'rss',
    unit: 'bytes',
    limit: { share: 0.15, least: 32 * MiB, cap: 700 * MiB },
  },
  {
    what: 'heap after collections',
    figure: 'heap',
    unit: 'bytes',
    limit: heapLimit,
  },
  {
    what: 'memory of buffers',
    figure: 'external',
    unit: 'bytes',
    limit: { share: 0.2, least: 8 * MiB, cap: 200 * MiB },
  },
  { what: 'open handles', figure: 'fds', unit: 'count', limit: { share: 0.1, least: 24, cap: 4000 } },
  { what: 'threads', figure: 'threads', unit: 'count', limit: { share: 0, least: 2, cap: 64 } },
];

type OfLife = (samples: readonly Sample[]) => number;
const most =
  (figure: Figure): OfLife =>
  (samples) =>
    Math.max(...samples.map((sample) => sample[figure]));
const least =
  (figure: Figure): OfLife =>
  (samples) =>
    Math.min(...samples.map((sample) => sample[figure]));
const usual =
  (figure: Figure): OfLife =>
  (samples) =>
    median(samples.map((sample) => sample[figure]));

const pages = { share: 0.15, least: 500, cap: Number.POSITIVE_INFINITY };

/** From life to life, those of one length. In the first one nothing is old enough to be deleted. */
const between: readonly (Judged & { readonly of: OfLife })[] = [
  {
    what: 'heap, from life to life',
    of: usual('heap'),
    unit: 'bytes',
    limit: { share: 0.15, least: 8 * MiB, cap: 300 * MiB },
  },
  {
    what: 'write-ahead log, its highest',
    of: most('wal'),
    unit: 'bytes',
    limit: { share: 0.25, least: 16 * MiB, cap: 64 * MiB },
  },
  { what: 'database in use, its highest', of: most('used'), unit: 'pages', limit: pages },
  { what: 'database in use, its lowest', of: least('used'), unit: 'pages', limit: pages },
  {
    what: 'database file',
    of: most('file'),
    unit: 'bytes',
    limit: { share: 0.15, least: 4 * MiB, cap: Number.POSITIVE_INFINITY },
  },
  {
    what: 'logs and files',
    of: most('blobs'),
    unit: 'bytes',
    limit: { share: 0.2, least: 4 * MiB, cap: Number.POSITIVE_INFINITY },
  },
];

const fewestLives = 3;
const fewestSamples = 6;

/**
 * What is flat of memory, handles, write-ahead log and disk. Of `lives` lives the last one says how the process grows, and those
 * before it how its data do. What there are too few samples for is left out.
 */
export function judge(samples: readonly Sample[], lives: number): Verdict[] {
  const of = Map.groupBy(samples, ({ life }) => life);
  const last = of.get(lives - 1) ?? [];
  const before = [...of].filter(([life, all]) => life > 0 && life < lives - 1 && all.length >= fewestSamples);
  return [
    ...(last.length < fewestSamples ? [] : within).map(({ figure, ...one }) =>
      verdictOf(one, growthWithin(last.map((sample) => ({ t: sample.t, value: sample[figure] })))),
    ),
    ...(before.length < fewestLives ? [] : between).map(({ of: ofLife, ...one }) =>
      verdictOf(one, growthBetween(before.map(([, all]) => ofLife(all)))),
    ),
  ];
}

const verdictOf = ({ what, unit, limit }: Judged, growth: Growth): Verdict => ({
  ...{ what, unit, ...growth, allowed: allowed(limit, growth.level), isFlat: isFlat(growth, limit) },
});
