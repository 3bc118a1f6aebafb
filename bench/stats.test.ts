import { expect, test } from 'vitest';
import { median, percentile, rotate } from './stats.ts';

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2],
  [[5], 0.99, 5],
  [Array.from({ length: 200 }, (_, n) => 200 - n), 0.99, 198],
])('percentile of %s at %d is %d', (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});

test('the median of an even number is the mean of the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

test('a rotated list starts at another element and keeps all', () => {
  expect(rotate(['a', 'b', 'c'], 4)).toEqual(['b', 'c', 'a']);
});
