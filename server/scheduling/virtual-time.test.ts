import { expect, test } from 'vitest';
import { advance, patienceMs, tagOf, weightOf } from './virtual-time.ts';

test('virtual time goes by devices per weight', () => {
  const clock = { v: 0, at: 0, weight: 2 };
  expect(advance(clock, 1000, 4, [{ tag: 1e9, weight: 2 }])).toEqual({ v: 2700, at: 1000, weight: 2 });
});

test('it goes faster once a batch has left, and stands still when all have', () => {
  const batches = [
    { tag: 1350, weight: 1 },
    { tag: 4050, weight: 1 },
  ];
  // The first batch leaves after 1000 ms at half speed, the second 1000 ms later at full speed.
  const between = advance({ v: 0, at: 0, weight: 2 }, 1500, 2, batches);
  expect(between.v).toBeCloseTo(2700);
  expect(between.weight).toBe(1);
  expect(advance({ v: 0, at: 0, weight: 2 }, 9000, 2, batches)).toEqual({ v: 4050, at: 9000, weight: 0 });
});

test('where there are more batches than were read, the clock stops at the last of them', () => {
  const clock = advance({ v: 0, at: 0, weight: 3 }, 9000, 2, [{ tag: 900, weight: 1 }], true);
  expect(clock).toMatchObject({ v: 900, weight: 2 });
  expect(clock.at).toBeCloseTo(1000);
});

test('in steps or at once it comes to the same', () => {
  const batches = [100, 250, 900, 5000].map((tag) => ({ tag, weight: 1 }));
  const start = { v: 0, at: 0, weight: 4 };
  const once = advance(start, 700, 3, batches);
  const half = advance(start, 300, 3, batches);
  const rest = batches.filter((batch) => batch.tag > half.v);
  const twice = advance(half, 700, 3, rest);
  expect(twice.v).toBeCloseTo(once.v, 6);
  expect(twice.weight).toBeCloseTo(once.weight, 6);
});

test('a step of priority weighs 1.4 times, k runs of an org weigh √k, and its own weight is a factor', () => {
  expect(weightOf(6, 1) / weightOf(5, 1)).toBeCloseTo(1.4);
  expect(weightOf(5, 9) * 9).toBeCloseTo(3);
  expect(weightOf(5, 4, 3)).toBeCloseTo(1.5);
});

test.each([
  [1, 60],
  [5, 30],
  [10, 12.6],
])('priority %i is overdue after %d minutes', (priority, minutes) => {
  expect(patienceMs(priority) / 60_000).toBeCloseTo(minutes, 1);
});

test('what is heavier, shorter or already installed ranks earlier', () => {
  const arrival = { v: 0, weight: 1, workMs: 60_000, setupMs: 30_000 };
  const rank = tagOf(arrival);
  expect(tagOf({ ...arrival, weight: 2 })).toBeLessThan(rank);
  expect(tagOf({ ...arrival, workMs: 6000 })).toBeLessThan(rank);
  expect(tagOf({ ...arrival, setupMs: 0 })).toBeLessThan(rank);
});
