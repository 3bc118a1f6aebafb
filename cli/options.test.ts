import { expect, test } from 'vitest';
import { readIds, readOneId } from './ids.ts';
import { duration, splitCommas, wholeNumber } from './options.ts';

test.each([
  ['a,b', ['a', 'b']],
  [' a , b ,', ['a', 'b']],
  ['tests/{a,b}.spec.ts,c', ['tests/{a,b}.spec.ts', 'c']],
  ['{a,{b,c}},d', ['{a,{b,c}}', 'd']],
  ['}a,b', ['}a', 'b']],
  ['', []],
])('%j is split at commas outside of braces', (text, parts) => {
  expect(splitCommas(text)).toEqual(parts);
});

test.each([
  ['90', 90_000],
  ['15m', 900_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
])('%s is a duration', (text, ms) => {
  expect(duration(text)).toBe(ms);
});

test.each(['', '5x', '-1', 'm', '1 day'])('%j is no duration, and the error says how one looks', (text) => {
  expect(() => duration(text)).toThrow(/like 90s, 15m or 1\.5h/);
});

test.each(['', '1.5', '-1', 'x', '9999999999'])('%j is no whole number', (text) => {
  expect(() => wholeNumber(text)).toThrow(/whole number/);
});

test('ids come from arguments and both flags, each once', () => {
  expect(readIds(['run_1,job_2'], { jobId: ['job_2'], id: ['run_3'] })).toEqual([
    { id: 'run_1', kind: 'run' },
    { id: 'job_2', kind: 'job' },
    { id: 'run_3', kind: 'run' },
  ]);
});

test('an id that names neither, none at all, or one too many is refused', () => {
  expect(() => readIds(['dev_1'], {})).toThrow(/"dev_1" is no id of a run or a job/);
  expect(() => readIds([], {})).toThrow(/no id given/);
  expect(() => readOneId(['job_1'], { id: ['job_2'] })).toThrow(/takes one/);
});
