import { describe, expect, test } from 'vitest';
import { Random } from '../support/random.ts';
import { isLong, optionsOf, partOf } from './options.ts';
import type { Sample } from './sample.ts';
import { growthWithin, isFlat, median, percentile, slopeOf } from './series.ts';
import { judge } from './verdict.ts';

const options = optionsOf({ seed: 1, agents: 200, minutes: 30 });
const { lives, seconds, sampleSeconds, jobsPerSecond } = options;
const KiB = 1024;
const MiB = 1024 ** 2;
const begins = Array.from({ length: lives }, (_, life) => partOf(options, life)[0] * seconds);

/** What is made up about a sample: its noise, the time in its life and the jobs done in it. */
interface Made {
  readonly noise: number;
  readonly age: number;
  readonly jobs: number;
  readonly life: number;
}

/** Pages in use, about as many as there are: a long life fills them up, and the next one deletes at that pace, a minute late. */
const usedAt = (age: number, life: number): number =>
  1200 + (isLong(options, life) ? (life === lives - 1 ? 2000 : Math.min(age, 600) * 3.3) : 0) + (age % 60);

/** The samples of half an hour in which nothing grows, but for what `change` says. */
function makeSamples(change: (made: Made) => Partial<Sample> = () => ({})): Sample[] {
  const random = new Random(3);
  return Array.from({ length: seconds / sampleSeconds }, (_, n) => {
    const t = n * sampleSeconds;
    const life = begins.findLastIndex((begin) => begin <= t);
    const age = t - (begins[life] ?? 0);
    const noise = random.next() - 0.5;
    // Caches fill in the first minute, and now and then a collection comes too late.
    const heap = 40 * MiB + Math.min(age, 60) * 100 * KiB + noise * 2 * MiB + (noise > 0.4 ? 30 * MiB : 0);
    return {
      ...{
        t,
        life,
        heap,
        rss: heap + 100 * MiB,
        external: 5 * MiB,
        fds: 480 + Math.round(noise * 40),
        sockets: 450,
      },
      ...{
        threads: 13,
        wal: 16 * MiB,
        file: 8 * MiB,
        used: usedAt(age, life),
        blobs: (6 + Math.min(age, 120) / 40) * MiB,
      },
      ...{ heldPolls: 180, queued: 3, waiting: 2, leased: 30, lagMax: 0.02 },
      ...change({ noise, age, jobs: age * jobsPerSecond, life }),
    };
  });
}

const grown = (samples: readonly Sample[]): string[] =>
  judge(samples, options)
    .filter((one) => !one.isFlat)
    .map(({ what }) => what);

describe('half an hour', () => {
  test('in which nothing grows is flat, whatever caches, noise and late collections do', () => {
    expect(judge(makeSamples(), options)).toHaveLength(13);
    expect(grown(makeSamples())).toEqual([]);
  });

  // 4800 jobs in the last life: what is found begins at 4 MiB, about 900 bytes a job.
  test.each([1, 4])('shows a leak of %f KiB a job in the heap', (leak) => {
    const before = makeSamples();
    const leaking = makeSamples(({ jobs }) => ({ external: jobs })).map((sample, n) => ({
      ...sample,
      ...{ heap: sample.heap + sample.external * leak * KiB, external: before[n]?.external ?? 0 },
    }));
    expect(grown(leaking)).toContain('heap after collections');
  });

  test('shows memory that only the system sees', () => {
    expect(
      grown(makeSamples(({ jobs, noise }) => ({ rss: 140 * MiB + noise * MiB + jobs * 8 * KiB }))),
    ).toEqual(['resident memory']);
  });

  test('shows one handle that stays open of seventy jobs', () => {
    const leaking = makeSamples(({ jobs, noise }) => ({ fds: Math.round(480 + noise * 40 + jobs / 70) }));
    expect(grown(leaking)).toEqual(['open handles']);
  });

  test('shows rows that are never deleted, though the file has room for them', () => {
    const leaking = makeSamples(({ age, life }) => ({ used: usedAt(age, life) + life * 80 }));
    expect(grown(leaking)).toEqual(['database in use, its highest', 'database in use, its lowest']);
  });

  test('shows files that are never deleted', () => {
    expect(
      grown(makeSamples(({ age, life }) => ({ blobs: (6 + Math.min(age, 120) / 40 + life) * MiB }))),
    ).toEqual(['logs and files']);
  });

  test('shows a write-ahead log that nobody writes back', () => {
    expect(grown(makeSamples(({ age }) => ({ wal: age * MiB })))).toEqual([
      'write-ahead log, its highest',
      'write-ahead log, in any life',
    ]);
    expect(grown(makeSamples(({ age, life }) => (life === lives - 1 ? { wal: age * MiB } : {})))).toEqual([
      'write-ahead log, in any life',
    ]);
  });

  test('shows rows that are not deleted as fast as they come', () => {
    expect(
      grown(makeSamples(({ age, life }) => (life === lives - 1 ? { used: 3200 + age * 1.5 } : {}))),
    ).toEqual(['database in use']);
  });

  test('in which nobody looked is not flat', () => {
    expect(grown([])).toHaveLength(13);
    expect(grown(makeSamples().filter(({ life }) => life < lives - 1))).toEqual([
      ...['resident memory', 'heap after collections', 'memory of buffers'],
      ...['open handles', 'threads', 'database in use'],
    ]);
  });

  test('shows a heap that every start finds larger', () => {
    expect(grown(makeSamples(({ life }) => ({ heap: (40 + life * 5) * MiB })))).toEqual([
      'heap, from life to life',
    ]);
  });

  test('does not take one of the short lives that grew for a leak', () => {
    expect(
      grown(makeSamples(({ life, age }) => (life === 2 ? { heap: 40 * MiB + age * 200 * KiB } : {}))),
    ).toEqual([]);
  });
});

test('in a short life resident memory is judged by its height alone', () => {
  const short = optionsOf({ seed: 1, agents: 60, minutes: 5 });
  const samples = makeSamples(({ age }) => ({ rss: (100 + age) * MiB }));
  expect(judge(samples, short).find(({ what }) => what === 'resident memory')?.isFlat).toBe(true);
  const high = makeSamples(() => ({ rss: 800 * MiB }));
  expect(judge(high, short).find(({ what }) => what === 'resident memory')?.isFlat).toBe(false);
});

test('the slope of a line is found through a fifth of wild points', () => {
  const points = Array.from({ length: 100 }, (_, t) => ({
    t,
    value: t % 5 === 0 ? 1e6 * (t % 3) : 3 * t + 7,
  }));
  expect(slopeOf(points)).toBeCloseTo(3, 1);
});

test('what was never measured is not flat', () => {
  expect(isFlat(growthWithin([]), { share: 1, least: 1, cap: 1 })).toBe(false);
});

test('the median and percentiles of a few values', () => {
  expect([
    median([3, 1, 2]),
    median([4, 1, 2, 3]),
    percentile([5, 1, 3], 0.5),
    percentile([5, 1, 3], 0.99),
  ]).toEqual([2, 2.5, 3, 5]);
});
