import { expect, test } from 'vitest';
import { cover, parsePart, partName, sizeOf, toJoin } from './log-parts.ts';

const parts = (...pairs: [start: number, end: number][]) => pairs.map(([start, end]) => ({ start, end }));

test('the name of a part says which bytes it holds, and other names are no parts', () => {
  expect(partName({ start: 120, end: 154 })).toBe('000000120-34');
  expect(parsePart('000000120-34')).toEqual({ start: 120, end: 154 });
  for (const name of ['', '120-34', '000000120-0', '000000120-', '000000120-34.tmp', '000000120-34/x'])
    expect(parsePart(name)).toBeUndefined();
});

test.each([
  ['nothing', parts(), 0, 0],
  ['a gap at the start', parts([1, 5]), 0, 0],
  ['a chain in any order', parts([5, 9], [0, 5]), 9, 2],
  ['a gap in the middle', parts([0, 5], [6, 9]), 5, 1],
  ['a part within another', parts([0, 9], [2, 4]), 9, 1],
  ['parts that overlap', parts([0, 5], [3, 9], [4, 8]), 9, 2],
  ['a joined part beside its own', parts([0, 3], [3, 6], [0, 6], [6, 7]), 7, 2],
])('the size of a log of %s', (_, all, size, pieces) => {
  expect(sizeOf(all)).toBe(size);
  expect(cover(all, 0)).toHaveLength(pieces);
});

test('a read from the middle begins in the part that reaches furthest', () => {
  expect(cover(parts([0, 5], [3, 9]), 4)).toEqual([{ part: { start: 3, end: 9 }, from: 4 }]);
  expect(cover(parts([0, 5], [3, 9]), 9)).toEqual([]);
});

test('only small parts at the end are joined, once they are many', () => {
  const rule = { smallBytes: 10, most: 3 };
  expect(toJoin(parts([0, 1], [1, 2]), rule)).toEqual([]);
  expect(toJoin(parts([0, 1], [1, 2], [2, 3]), rule)).toHaveLength(3);
  expect(toJoin(parts([0, 1], [1, 2], [2, 13], [13, 14]), rule)).toEqual([]);
  expect(toJoin(parts([0, 1], [1, 12], [12, 13], [13, 14], [14, 15]), rule)).toEqual(
    parts([12, 13], [13, 14], [14, 15]),
  );
});
