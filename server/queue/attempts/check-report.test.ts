import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import { checkReport } from './check-report.ts';

const test_ = (status: TestCase['status'], message?: string): TestCase => ({
  name: status,
  status,
  duration_ms: 1,
  ...(message !== undefined && { message }),
});
const list = (...statuses: TestCase['status'][]) => statuses.map((status) => test_(status));
const totals = (given: Partial<NonNullable<FinishJob['report']>>) => {
  const { passed = 0, failed = 0, skipped = 0, flaky = 0 } = given;
  return { passed, failed, skipped, flaky, listed: 0, total: passed + failed + skipped, ...given };
};
const check = (sent: Partial<FinishJob>, framework = 'playwright') =>
  checkReport({ attempt: 1, verdict: 'passed', duration_ms: 1, ...sent }, framework);

test.each<[string, Partial<FinishJob>, string | undefined, string | undefined]>([
  ['a test that passed', { tests: list('passed') }, undefined, undefined],
  ['one passed beside skipped ones', { tests: list('skipped', 'passed') }, undefined, undefined],
  ['totals alone', { report: totals({ passed: 9000 }) }, undefined, undefined],
  ['more than it lists', { tests: list('passed'), report: totals({ passed: 9000 }) }, undefined, undefined],
  ['only flaky ones', { tests: list('flaky', 'flaky') }, undefined, undefined],
  ['no report', {}, 'report_error', 'no report of the tests'],
  ['an empty list', { tests: [] }, 'report_error', 'no test ran'],
  ['totals of nothing', { report: totals({}) }, 'report_error', 'no test ran'],
  ['only skipped', { tests: list('skipped', 'skipped') }, 'report_error', 'no test ran: all 2 were skipped'],
  [
    'only skipped, by its totals',
    { report: totals({ skipped: 7 }) },
    'report_error',
    'no test ran: all 7 were skipped',
  ],
  [
    'a total above its parts',
    { report: totals({ passed: 2, total: 3 }) },
    'report_error',
    'the report contradicts itself: 3 tests in all, 2 by their status',
  ],
  [
    'parts above the total',
    { tests: list('passed', 'passed'), report: totals({ passed: 2, skipped: 1, total: 2 }) },
    'report_error',
    'the report contradicts itself: 2 tests in all, 3 by their status',
  ],
  [
    'more listed than there are',
    { tests: list('passed', 'passed'), report: totals({ passed: 1 }) },
    'report_error',
    'the report contradicts itself: it lists 2 tests of 1',
  ],
  [
    'a list of other ends than the totals',
    { tests: list('passed', 'skipped'), report: totals({ passed: 2 }) },
    'report_error',
    'the report contradicts itself: it lists 1 skipped tests, its total of them is 0',
  ],
  [
    'a flaky test that the totals call passed',
    { tests: list('flaky'), report: totals({ passed: 1 }) },
    'report_error',
    'the report contradicts itself: it lists 1 flaky tests, its total of them is 0',
  ],
  [
    'more flaky tests than passed ones',
    { report: totals({ passed: 1, flaky: 2 }) },
    'report_error',
    'the report contradicts itself: 2 flaky tests are more than the 1 that passed',
  ],
])('a pass with %s', (_name, sent, errorClass, error) => {
  const { verdict, error_class, error: said } = check(sent);
  expect({ verdict, error_class, said }).toEqual({
    verdict: errorClass === undefined ? 'passed' : 'error',
    error_class: errorClass,
    said: error,
  });
});

test.each<[string, Partial<FinishJob>, string]>([
  ['in its tests', { tests: [test_('passed'), test_('failed', 'expected 4')] }, 'expected 4'],
  ['without a message', { tests: [test_('failed', '')] }, 'failed failed'],
  [
    'in its totals alone',
    { tests: list('passed'), report: totals({ passed: 1, failed: 2 }) },
    '2 of 3 tests failed',
  ],
  [
    'in a list that its totals deny',
    { tests: list('failed'), report: totals({ passed: 1 }) },
    'failed failed',
  ],
])('a pass with a failed test %s is failed', (_name, sent, error) => {
  expect(check(sent)).toMatchObject({ verdict: 'failed', error });
  expect(check({ ...sent, verdict: 'error', error_class: 'report_error', error: 'cut off' })).toMatchObject({
    verdict: 'failed',
    error,
  });
  expect(check({ ...sent, verdict: 'error', error_class: 'report_error' })).not.toHaveProperty('error_class');
});

test('a failure keeps its own words, and gets those of its failed test where it has none', () => {
  const tests = [test_('failed', 'expected 4')];
  expect(check({ verdict: 'failed', error: 'exit code 1', tests }).error).toBe('exit code 1');
  expect(check({ verdict: 'failed', tests }).error).toBe('expected 4');
  expect(check({ error: 'exit code 0', tests }).error).toBe('expected 4');
  expect(check({ report: totals({ passed: 1, failed: 1 }) }).error).toBe('1 of 2 tests failed');
});

test('a failed test does not turn what device, host or clock say', () => {
  for (const error_class of ['infra_error', 'timeout', 'interrupted'] as const) {
    const sent = { verdict: 'error', error_class, tests: list('failed') } as const;
    expect(check(sent)).toMatchObject({ verdict: 'error', error_class });
  }
});

test('only an own command, or the framework that the agent chooses, may come without a report', () => {
  expect(check({}, 'command').verdict).toBe('passed');
  expect(check({}, '').verdict).toBe('passed');
  for (const framework of ['appwright', 'maestro', 'webdriverio', 'detox']) {
    expect(check({}, framework)).toMatchObject({ verdict: 'error', error_class: 'report_error' });
  }
  expect(check({ report: totals({ skipped: 1 }) }, 'command').verdict).toBe('error');
});

test('totals that were not sent are those of the tests, and what is listed is what came', () => {
  expect(check({ tests: list('passed', 'flaky', 'skipped', 'passed') })).toMatchObject({
    report: { total: 4, passed: 3, failed: 0, skipped: 1, flaky: 1, listed: 4 },
    isFlaky: true,
  });
  const shortened = { tests: list('passed'), report: totals({ passed: 3, listed: 3 }) };
  expect(check(shortened)).toMatchObject({ verdict: 'passed', report: { total: 3, listed: 1 } });
  expect(check({ report: totals({ passed: 1, flaky: 1 }) })).toMatchObject({ isFlaky: true });
  expect(check({}, 'command')).not.toHaveProperty('report');
});
