import { expect, test } from 'vitest';
import { countTests } from '../../../protocol/count-tests.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import type { Checked } from './check-report.ts';
import { checkRetry } from './check-retry.ts';
import type { EarlierResult } from './earlier-results.ts';

/** `a failed` is a test with the id and the name `a`. */
const cases = (...words: string[]): TestCase[] =>
  words.map((word) => {
    const [id = '', status] = word.split(' ');
    return { id, name: id, status: status as TestCase['status'], duration_ms: 1 };
  });
const totalsOf = (tests: TestCase[]) => ({
  ...{ total: tests.length, ...countTests(tests), listed: tests.length },
});

/** An attempt with these tests; without any it has no report. */
const attempt = (sent: Partial<Checked>, ...words: string[]): Checked => ({
  ...{ attempt: 2, verdict: 'passed', duration_ms: 1, isFlaky: false },
  ...(words.length > 0 && { tests: cases(...words), report: totalsOf(cases(...words)) }),
  ...sent,
});

/** What failed before, and the tests that were to run again. */
const before = (only: string[] | null, ...words: string[]): EarlierResult => ({
  tests: words.length > 0 ? JSON.stringify(cases(...words)) : null,
  report: words.length > 0 ? JSON.stringify({ ...totalsOf(cases(...words)), complete: true }) : null,
  only: only && JSON.stringify(only),
});
const shown = (tests: readonly TestCase[] | undefined) => tests?.map(({ id, status }) => `${id} ${status}`);

test('a pass of all that had failed is the pass of the whole file', () => {
  const earlier = before(['b'], 'a passed', 'b failed');
  const { merged, ...judged } = checkRetry(attempt({ retried_tests: 1, only: ['b'] }, 'b passed'), earlier);
  expect(judged).toMatchObject({ verdict: 'passed' });
  expect(judged).not.toHaveProperty('only');
  expect(shown(merged?.tests)).toEqual(['a passed', 'b flaky']);
  expect(merged?.report).toMatchObject({ total: 2, passed: 2, failed: 0, flaky: 1 });
});

const long = 'x'.repeat(300);
test.each<[string, Checked, EarlierResult | undefined, string]>([
  [
    'ran nothing',
    attempt({ retried_tests: 0 }, 'b passed'),
    before(['b'], 'b failed'),
    'no test ran again: the selection of this attempt was empty',
  ],
  [
    'was its own idea',
    attempt({ retried_tests: 1 }, 'b passed'),
    undefined,
    'it ran a selection of 1 test, but no failed attempt before it said which tests to run again',
  ],
  [
    'was its own idea after a failure of the whole file',
    attempt({ retried_tests: 2 }, 'b passed', 'c passed'),
    before(null, 'b failed'),
    'it ran a selection of 2 tests, but no failed attempt before it said which tests to run again',
  ],
  [
    'has no report',
    attempt({ retried_tests: 1 }),
    before(['b'], 'b failed'),
    'no report of the tests that ran again',
  ],
  [
    'completes no report',
    attempt({ retried_tests: 1 }, 'b passed'),
    before(['b']),
    'the failed attempt before it has no report that this selection could complete',
  ],
  [
    'left one out',
    attempt({ retried_tests: 1 }, 'b passed'),
    before(['b'], 'a passed', 'b failed', 'c failed'),
    'it ran a selection of 1 test, and 1 test that failed before did not run again, "c"',
  ],
  [
    'left two out',
    attempt({ retried_tests: 1 }, 'b passed'),
    before(['b'], 'b failed', `${long} failed`, 'd failed'),
    `it ran a selection of 1 test, and 2 tests that failed before did not run again, the first of them "${long.slice(0, 200)}"`,
  ],
  [
    'left out one that has no name',
    attempt({ retried_tests: 1 }, 'b passed'),
    {
      ...before(['b'], 'b failed'),
      report: JSON.stringify({ ...totalsOf(cases('b failed')), total: 2, failed: 2 }),
    },
    'it ran a selection of 1 test, and 1 test that failed before did not run again',
  ],
])('a pass of a selection that %s is no pass', (_what, report, earlier, error) => {
  expect(checkRetry(report, earlier)).toMatchObject({ verdict: 'error', error_class: 'report_error', error });
});

test('a pass of the whole file needs no earlier result, and what had failed is flaky', () => {
  expect(checkRetry(attempt({}, 'a passed'), undefined)).toEqual({
    ...attempt({}, 'a passed'),
    merged: undefined,
  });
  const { verdict, merged } = checkRetry(attempt({}, 'a passed', 'b passed'), before(['b'], 'b failed'));
  expect(verdict).toBe('passed');
  expect(shown(merged?.tests)).toEqual(['a passed', 'b flaky']);
});

test('a pass of a selection that lists none of its tests passed those that it was asked to run', () => {
  const report = { ...totalsOf(cases('b passed')), listed: 0 };
  const { verdict, merged } = checkRetry(attempt({ retried_tests: 1, report }), before(['b'], 'b failed'));
  expect(verdict).toBe('passed');
  expect(shown(merged?.tests)).toEqual(['b flaky']);
});

test('a pass beside which nothing had failed is told as it is', () => {
  expect(checkRetry(attempt({}, 'a passed'), before(null, 'a passed')).merged).toBeUndefined();
  expect(checkRetry(attempt({}), before(null, 'a failed')).merged).toBeUndefined();
});

test('a pass of totals alone takes those that failed before as they are told', () => {
  const report = attempt({ report: totalsOf(cases('a passed', 'b passed')) });
  expect(checkRetry(report, before(null, 'a failed'))).toMatchObject({
    verdict: 'passed',
    merged: undefined,
  });
});

test.each<[string, Partial<Checked>, EarlierResult | undefined, boolean]>([
  ['of the whole file', { only: ['a'] }, undefined, true],
  ['of the whole file with an empty list', { only: [] }, undefined, false],
  ['of the whole file without a list', {}, undefined, false],
  ['of the selection that was asked for', { only: ['a'], retried_tests: 1 }, before(['a'], 'a failed'), true],
  ['of nothing', { only: ['a'], retried_tests: 0 }, before(['a'], 'a failed'), false],
  ['of a selection of its own', { only: ['a'], retried_tests: 1 }, before(null, 'a failed'), false],
  ['of a selection before which nothing failed', { only: ['a'], retried_tests: 1 }, undefined, false],
])('a failure %s: what a next attempt has to run counts: %j', (_what, sent, earlier, counts) => {
  const judged = checkRetry(attempt({ verdict: 'failed', ...sent }, 'a failed'), earlier);
  expect('only' in judged && judged.only).toEqual(counts ? ['a'] : false);
  expect(judged.verdict).toBe('failed');
});

test('the failure of a selection without a report leaves the tests of before, which are no longer all', () => {
  const earlier = before(['b'], 'a passed', 'b failed');
  const { merged } = checkRetry(attempt({ verdict: 'failed', retried_tests: 1 }), earlier);
  expect(shown(merged?.tests)).toEqual(['a passed', 'b failed']);
  expect(merged?.report).toEqual(totalsOf(cases('a passed', 'b failed')));
});

test('an error of the host is neither a pass nor a failure: nothing is merged', () => {
  const sent = attempt({ verdict: 'error', error_class: 'timeout', only: ['a'] }, 'a passed');
  const { only: _only, ...rest } = sent;
  expect(checkRetry(sent, before(['a'], 'a failed'))).toEqual(rest);
});
