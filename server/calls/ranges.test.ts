import { expect, test } from 'vitest';
import { parseRange, UnsatisfiableRange } from './ranges.ts';

test.each([
  ['bytes=0-3', 0, 4],
  ['bytes=4-', 4, 10],
  ['bytes=-3', 7, 10],
  ['bytes=-10', 0, 10],
  ['bytes=-999', 0, 10],
  ['bytes=0-0', 0, 1],
  ['bytes=9-9', 9, 10],
  ['bytes=2-999', 2, 10],
  ['bytes=0-99999999999999999999', 0, 10],
  [' Bytes=0-3 ', 0, 4],
])('"%s" of 10 bytes is from %i up to %i', (header, start, end) => {
  expect(parseRange(header, 10)).toEqual({ start, end });
});

test.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=5-2',
  'bytes=0-1,3-4',
  'bytes=0 - 1',
  'bytes=1.5-2',
  'bytes=--1',
  'items=0-1',
])('"%s" asks for the whole file', (header) => {
  expect(parseRange(header, 10)).toBeUndefined();
});

test.each([
  ['bytes=10-', 10],
  ['bytes=10-20', 10],
  ['bytes=99999999999999999999-', 10],
  ['bytes=-0', 10],
  ['bytes=0-', 0],
  ['bytes=-1', 0],
])('"%s" of %i bytes is none of it', (header, size) => {
  expect(() => parseRange(header, size)).toThrow(UnsatisfiableRange);
});
