import { expect, test } from 'vitest';
import { BoundedLines } from './bounded-lines.ts';
import { Buckets } from './buckets.ts';

test('a key may take its burst at once, then as much as time brings, and others have their own', () => {
  let now = 0;
  const buckets = new Buckets({ perSecond: 2, burst: 3 }, () => now);
  const taken = (key: string) => Array.from({ length: 5 }, () => buckets.take(key)).filter(Boolean).length;
  expect(taken('a')).toBe(3);
  expect([buckets.isEmpty('a'), buckets.isEmpty('b'), taken('b')]).toEqual([true, false, 3]);
  now = 499;
  expect(taken('a')).toBe(0);
  now = 1500;
  expect(taken('a')).toBe(3);
  now = 1_000_000;
  expect(taken('a')).toBe(3);
});

test('very many keys take a bounded room, and those that were used last keep what they have taken', () => {
  const buckets = new Buckets({ perSecond: 0, burst: 1 }, () => 0);
  for (let n = 0; n < 20_000; n += 1) buckets.take(`key ${n}`);
  expect([buckets.take('key 19999'), buckets.take('key 10000')]).toEqual([false, false]);
  expect(buckets.take('key 0')).toBe(true);
});

test('of a flood of refusals some are logged, and how many were not', () => {
  let now = 0;
  const lines = new BoundedLines(() => now);
  const logged = Array.from({ length: 1000 }, () => lines.next('acme')).filter((left) => left !== undefined);
  expect(logged).toEqual(Array(50).fill(0));
  expect(lines.next('rival')).toBe(0);
  now = 200;
  expect([lines.next('acme'), lines.next('acme')]).toEqual([950, undefined]);
});
