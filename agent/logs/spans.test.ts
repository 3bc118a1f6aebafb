import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Spans } from './spans.ts';

const spansOf = (...added: [number, number][]): Spans => {
  const spans = new Spans();
  for (const [from, to] of added) spans.add(from, to);
  return spans;
};
const all = (spans: Spans) =>
  spans.takeBefore(Number.POSITIVE_INFINITY).map(({ start, end }) => [start, end]);

test('spans that overlap are one, in whatever order they come', () => {
  expect(all(spansOf([1, 4], [3, 6]))).toEqual([[1, 6]]);
  expect(all(spansOf([3, 6], [1, 4]))).toEqual([[1, 6]]);
  expect(all(spansOf([1, 9], [3, 4]))).toEqual([[1, 9]]);
  expect(all(spansOf([1, 2], [4, 5], [7, 8], [0, 9]))).toEqual([[0, 9]]);
});

test('spans that only touch stay two', () => {
  expect(all(spansOf([1, 3], [3, 6]))).toEqual([
    [1, 3],
    [3, 6],
  ]);
  expect(all(spansOf([3, 6], [1, 3], [8, 9], [6, 8]))).toEqual([
    [1, 3],
    [3, 6],
    [6, 8],
    [8, 9],
  ]);
});

test('those that begin before a place are taken, and one that makes the last of them longer is not new', () => {
  const spans = spansOf([1, 4], [5, 7]);
  expect(spans.takeBefore(5)).toEqual([{ start: 1, end: 4, isNew: true }]);
  expect(spans.coveredTo).toBe(4);
  spans.add(2, 5);
  expect(spans.takeBefore(5)).toEqual([{ start: 2, end: 5, isNew: false }]);
  expect(spans.takeBefore(6)).toEqual([{ start: 5, end: 7, isNew: true }]);
  expect([spans.coveredTo, spans.takeBefore(100)]).toEqual([7, []]);
});

test('after a reset nothing is left', () => {
  const spans = spansOf([1, 4], [5, 7]);
  spans.takeBefore(2);
  spans.reset();
  expect([spans.coveredTo, spans.takeBefore(100)]).toEqual([0, []]);
  spans.add(0, 2);
  expect(spans.takeBefore(100)).toEqual([{ start: 0, end: 2, isNew: true }]);
});

const span = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 8 }));
test('the places of all spans are covered, and no others', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 12 }), (given) => {
      const places = (list: readonly number[][]): number[] =>
        [
          ...new Set(
            list.flatMap(([from = 0, to = 0]) => Array.from({ length: to - from }, (_, n) => from + n)),
          ),
        ].sort((a, b) => a - b);
      const added = given.map(([from, length]): [number, number] => [from, from + length]);
      const joined = all(spansOf(...added));
      expect(places(joined)).toEqual(places(added));
      // In order, and none overlaps the next.
      for (const [index, [from = 0]] of joined.slice(1).entries())
        expect(from).toBeGreaterThanOrEqual(joined[index]?.[1] ?? 0);
    }),
  );
});
