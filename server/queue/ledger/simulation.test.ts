import { expect, test } from 'vitest';
import { shareOf } from '../../../protocol/binomial-interval.ts';
import { Random } from '../../../test/support/random.ts';
import { countResults } from './count-results.ts';
import { sumOf } from './days.ts';
import { type CountedJob, keyOf } from './find-passes.ts';
import type { Verdict } from './read-verdicts.ts';
import { resultsOfJob } from './results-of-job.ts';
import type { TestRow } from './test-rows.ts';

/** A test of which each attempt fails with a known probability. */
interface Simulated {
  readonly rate: number;
  readonly row: TestRow;
}

const verdictOf = (random: Random, rate: number): Verdict => ({
  verdict: random.next() < rate ? 'failed' : 'passed',
  ...{ durationMs: 5, isSelection: false, tests: undefined, report: undefined },
});

/** So many jobs of one test, each of another source and with one retry, counted as the ledger counts. */
function simulate(random: Random, rate: number, jobs: number, name: string): Simulated {
  const rows = new Map<string, TestRow>();
  for (let n = 0; n < jobs; n += 1) {
    const job = {
      ...{ jobId: `job ${n}`, runId: `run ${n}`, source: `source ${n}`, at: 1000, isHunt: false },
      ...{ orgId: 'acme', repositoryId: '', target: 'emulator', testPath: name },
    };
    const first = verdictOf(random, rate);
    const verdicts = first.verdict === 'failed' ? [first, verdictOf(random, rate)] : [first];
    const counted: CountedJob = { job, results: resultsOfJob(job, verdicts) };
    const passes = counted.results.filter(({ passed }) => passed);
    countResults(rows, [counted], new Set(passes.map(({ testId }) => keyOf(testId, job.source))));
  }
  const [row] = rows.values();
  if (!row) throw new Error('nothing was counted');
  return { rate, row };
}

/** Wilson's interval, which the ledger does not use. */
function wilsonOf(hits: number, trials: number) {
  const z = 1.959964;
  const share = hits / trials;
  const middle = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half =
    (z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))) /
    (1 + (z * z) / trials);
  return { low: middle - half, high: middle + half };
}

type Interval = (hits: number, trials: number) => { low: number; high: number } | undefined;

/** How many of them have their true share in the interval: that of the jobs in which a test with a retry can be seen as flaky. */
function coverageOf(all: readonly Simulated[], interval: Interval): number {
  const covered = all.filter(({ rate, row }) => {
    const { passed, flaky } = sumOf(row.days);
    const { low = 0, high = 1 } = interval(flaky, passed + flaky) ?? {};
    const share = rate / (1 + rate);
    return low <= share && share <= high;
  });
  return covered.length / all.length;
}

const rates = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];
const testsPerRate = 1250;
/** Three standard deviations of a share of 95 % of so many tests. */
const error = 3 * Math.sqrt((0.95 * 0.05) / testsPerRate);

test('of 10 000 simulated tests the interval holds the true flakiness of at least 95 %, at every rate', () => {
  const random = new Random(16);
  for (const rate of rates) {
    const all = Array.from({ length: testsPerRate }, (_, n) =>
      simulate(random, rate, random.between(20, 120), `t${n}`),
    );
    expect(coverageOf(all, shareOf), `at ${rate}`).toBeGreaterThan(0.95 - error);
  }
});

test("Wilson's interval would hold fewer where tests are rarely flaky, as docs/decisions/0016 says", () => {
  const random = new Random(17);
  // Of a flakiness of 1 in 200, in 100 jobs.
  const all = Array.from({ length: testsPerRate }, (_, n) => simulate(random, 0.005 / 0.995, 100, `t${n}`));
  expect(coverageOf(all, wilsonOf)).toBeLessThan(0.95 - error);
  expect(coverageOf(all, shareOf)).toBeGreaterThan(0.95);
});

test('the flakiness that is shown is near the rate, and below it by what the page says', () => {
  const random = new Random(18);
  for (const [rate, shown] of [
    [0.05, 0.0476],
    [0.2, 0.1667],
  ] as const) {
    const { passed, flaky } = sumOf(simulate(random, rate, 20_000, 't').row.days);
    expect(flaky / (passed + flaky)).toBeGreaterThan(shown - 0.01);
    expect(flaky / (passed + flaky)).toBeLessThan(shown + 0.01);
  }
});
