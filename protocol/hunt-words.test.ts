import { expect, test } from 'vitest';
import { shareOf } from './binomial-interval.ts';
import { huntWords } from './hunt-words.ts';

// The bounds of Clopper and Pearson: 3 of 50 is 1.3 to 16.5 %, 0 of 50 is 0 to 7.1 %, 1 of 200 is 0.01 to 2.8 %.
test.each([
  [3, 50, '3 of 50 failed: 6 %, between 1 and 17 % at 95 %'],
  [0, 50, '0 of 50 failed: 0 %, between 0 and 8 % at 95 %'],
  [1, 200, '1 of 200 failed: 0.5 %, between 0 and 3 % at 95 %'],
  [1, 1, '1 of 1 failed: 100 %, between 2 and 100 % at 95 %'],
  [0, 0, 'no execution had a verdict'],
])('%i failures of %i are told as %s', (failed, observed, words) => {
  const { low = null, high = null } = shareOf(failed, observed) ?? {};
  expect(huntWords({ observed, failed, low, high })).toBe(words);
});
