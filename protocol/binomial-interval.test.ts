import { expect, test } from 'vitest';
import { shareOf } from './binomial-interval.ts';

/** As `binom.test` of R prints them; the first is the example of its manual (Mendel's peas, Conover 1971). */
test.each([
  [682, 925, 0.7076683, 0.7654066],
  [0, 10, 0, 0.3084971],
  [1, 10, 0.002528579, 0.445016117],
  [5, 10, 0.187086, 0.812914],
  [10, 10, 0.6915029, 1],
])('%i of %i is between %d and %d', (hits, trials, low, high) => {
  const found = shareOf(hits, trials);
  expect(found?.share).toBe(hits / trials);
  expect(found?.low).toBeCloseTo(low, 7);
  expect(found?.high).toBeCloseTo(high, 7);
});

test('3 of 50 are 6 %, between 1 and 17 %', () => {
  const { share = 0, low = 0, high = 0 } = shareOf(3, 50) ?? {};
  expect([share, low, high].map((one) => Math.round(one * 100))).toEqual([6, 1, 17]);
});

/** By hand: (1 − p)ⁿ = 2.5 % for none of n, and pⁿ = 2.5 % for all of n. */
test('none and all of n end where the power of n is 2.5 %', () => {
  for (const n of [1, 2, 3, 7, 100, 5000]) {
    expect(shareOf(0, n)).toEqual({ share: 0, low: 0, high: expect.closeTo(1 - 0.025 ** (1 / n), 10) });
    expect(shareOf(n, n)).toEqual({ share: 1, low: expect.closeTo(0.025 ** (1 / n), 10), high: 1 });
  }
});

/** Σ C(n, k) pᵏ (1 − p)ⁿ⁻ᵏ for k from `from` to `to`, term by term. */
function tailOf(n: number, p: number, from: number, to: number): number {
  let sum = 0;
  let logChoose = 0;
  for (let k = 0; k <= to; k += 1) {
    if (k > 0) logChoose += Math.log((n - k + 1) / k);
    if (k >= from) sum += Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
  }
  return sum;
}

test('at each end of the interval, as many hits as seen or more, or fewer, have a probability of 2.5 %', () => {
  for (const [hits, trials] of [
    [1, 2],
    [1, 1000],
    [7, 31],
    [250, 500],
    [997, 1000],
  ] as const) {
    const { low = 0, high = 0 } = shareOf(hits, trials) ?? {};
    expect(tailOf(trials, low, hits, trials)).toBeCloseTo(0.025, 8);
    expect(tailOf(trials, high, 0, hits)).toBeCloseTo(0.025, 8);
  }
});

test('the end of the interval and its share are in order, and between 0 and 1, for every count', () => {
  for (const trials of [1, 5, 40, 333])
    for (let hits = 0; hits <= trials; hits += 1) {
      const { share = -1, low = -1, high = -1 } = shareOf(hits, trials) ?? {};
      expect(0 <= low && low <= share && share <= high && high <= 1).toBe(true);
    }
});

test('without trials there is no share', () => {
  expect(shareOf(0, 0)).toBeUndefined();
});
