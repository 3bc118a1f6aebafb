import { expect, test } from 'vitest';
import type { TestCase } from '../protocol/shapes/job.ts';
import { retriedWords, tallyOf, tallyWords, unlistedFailures } from './tally.ts';

const cases = (...statuses: TestCase['status'][]): TestCase[] =>
  statuses.map((status) => ({ name: status, status, duration_ms: 1 }));
const report = (change: object) => ({
  total: 0,
  passed: 0,
  failed: 0,
  skipped: 0,
  flaky: 0,
  listed: 0,
  ...change,
});
const big = report({ total: 50_000, passed: 49_880, failed: 120, listed: 2 });

test.each([
  [{ tests: cases('passed'), report: null }, '1 test passed', undefined],
  [
    { tests: cases('passed', 'flaky', 'skipped'), report: null },
    '2 of 3 tests passed (1 flaky, 1 skipped)',
    undefined,
  ],
  [{ tests: cases('failed', 'passed'), report: null }, '1 of 2 tests failed', undefined],
  [
    { tests: cases('failed', 'failed'), report: big },
    '120 of 50000 tests failed, 2 listed',
    'and 118 more failed tests are not listed',
  ],
  [
    { tests: cases('failed', 'passed'), report: report({ total: 3, failed: 2, listed: 2 }) },
    '2 of 3 tests failed, 2 listed',
    'and 1 more failed test is not listed',
  ],
  [{ tests: null, report: { ...big, listed: 5000 } }, '120 of 50000 tests failed, 5000 listed', undefined],
  [{ tests: cases('failed'), report: report({}) }, '1 of 1 test failed', undefined],
])('%j in words: %s', (tested, words, more) => {
  const tally = tallyOf(tested);
  expect(tally && tallyWords(tally)).toBe(words);
  expect(unlistedFailures(tested)).toBe(more);
});

test.each([
  { tests: null, report: null },
  { tests: [], report: null },
  { tests: [], report: report({}) },
])('without a test there is nothing to count: %j', (tested) => {
  expect(tallyOf(tested)).toBeUndefined();
  expect(unlistedFailures(tested)).toBeUndefined();
});

test.each([
  [null, cases('passed'), undefined],
  [1, cases('flaky', 'passed', 'passed'), 'retried 1 of 3 tests'],
  [1, cases('flaky'), 'retried 1 test'],
  [2, null, 'retried 2 tests'],
])('%j retried of %j in words: %s', (retried_tests, tests, words) => {
  expect(retriedWords({ retried_tests }, { tests, report: null })).toBe(words);
});
