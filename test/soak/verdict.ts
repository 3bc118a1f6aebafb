import { isLong, lastLifeSeconds, type SoakOptions } from './options.ts';
import type { Figure, Sample } from './sample.ts';
import { allowed, type Growth, growthBetween, growthWithin, isFlat, type Limit, median } from './series.ts';

/** Whether a figure stayed as it was. What was not measured has no numbers (NaN), and is not flat. */
export interface Verdict extends Growth {
  readonly what: string;
  readonly unit: 'bytes' | 'pages' | 'count';
  /** What it was allowed to grow by; undefined: only its level is judged. */
  readonly allowed: number | undefined;
  /** How high it may be at all. */
  readonly cap: number;
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

/** Memory that only the system sees settles slowly, and deletion comes in waves of a minute: a short life says nothing of them. */
const longSeconds = 480;

const pages = { share: 0.15, least: 100, cap: Number.POSITIVE_INFINITY };

/** It must not grow in the last life: the process, and its data too, since the life before was as long and is deleted. */
const within: readonly (Judged & { readonly figure: Figure; readonly needsLong?: true })[] = [
  {
    what: 'resident memory',
    figure: 'rss',
    unit: 'bytes',
    limit: { share: 0.15, least: 32 * MiB, cap: 700 * MiB },
    needsLong: true,
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
  { what: 'database in use', figure: 'used', unit: 'pages', limit: pages, needsLong: true },
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

/** From life to life, the short ones. In the first one nothing is old enough to be deleted. */
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
    limit: { share: 0.15, least: MiB, cap: Number.POSITIVE_INFINITY },
  },
  {
    what: 'logs and files',
    of: most('blobs'),
    unit: 'bytes',
    limit: { share: 0.2, least: MiB, cap: Number.POSITIVE_INFINITY },
  },
];

/** How high it may ever be, in whichever life. */
const ever: readonly (Judged & { readonly of: OfLife })[] = [
  {
    what: 'write-ahead log, in any life',
    of: most('wal'),
    unit: 'bytes',
    limit: { share: 0, least: 0, cap: 64 * MiB },
  },
];

const fewestLives = 3;
const fewestSamples = 6;
/** Of a short life, of which no slope is asked. */
const fewestOfShort = 4;

/**
 * What is flat of memory, handles, write-ahead log and disk. The last life says how the process grows, and the short ones but
 * the first one how its data do.
 */
export function judge(samples: readonly Sample[], options: SoakOptions): Verdict[] {
  const of = Map.groupBy(samples, ({ life }) => life);
  const all = of.get(options.lives - 1) ?? [];
  const last = all.length < fewestSamples ? [] : all;
  const isShort = (life: number): boolean => life > 0 && !isLong(options, life);
  const short = [...of].filter(([life, one]) => isShort(life) && one.length >= fewestOfShort);
  const before = short.length < fewestLives ? [] : short;
  const hasLong = lastLifeSeconds(options) >= longSeconds;
  return [
    ...within
      .filter(({ needsLong, limit }) => hasLong || !needsLong || limit.cap < Number.POSITIVE_INFINITY)
      .map(({ figure, needsLong, ...one }) =>
        verdictOf(
          one,
          growthWithin(last.map((sample) => ({ t: sample.t, value: sample[figure] }))),
          hasLong || !needsLong,
        ),
      ),
    ...between.map(({ of: ofLife, ...one }) =>
      verdictOf(one, growthBetween(before.map(([, samples]) => ofLife(samples)))),
    ),
    ...ever.map(({ of: ofLife, ...one }) =>
      verdictOf(one, { level: samples.length === 0 ? Number.NaN : ofLife(samples), growth: 0 }, false),
    ),
  ];
}

/** Its level is always judged. */
const verdictOf = ({ what, unit, limit }: Judged, growth: Growth, judgesGrowth = true): Verdict => ({
  ...{ what, unit, ...growth, cap: limit.cap },
  allowed: judgesGrowth ? allowed(limit, growth.level) : undefined,
  isFlat: judgesGrowth ? isFlat(growth, limit) : growth.level <= limit.cap,
});
