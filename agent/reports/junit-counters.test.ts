import { expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';

const cases = (count: number, inner = ''): string =>
  Array.from({ length: count }, (_, index) => `<testcase name="t${index}">${inner}</testcase>`).join('');
const suite = (attributes: string, inner: string): string =>
  `<testsuite name="s" ${attributes}>${inner}</testsuite>`;
const root = (attributes: string, inner: string): string => `<testsuites ${attributes}>${inner}</testsuites>`;
const skipped = '<testcase name="x"><skipped/></testcase>';

const believed: [what: string, xml: string, verdict: string][] = [
  ['as many as there are', suite('tests="2" failures="0" errors="0" skipped="0"', cases(2)), 'passed'],
  ['skipped ones in the total', suite('tests="3" skipped="1"', cases(2) + skipped), 'passed'],
  ['skipped ones beside the total', suite('tests="2" skipped="1"', cases(2) + skipped), 'passed'],
  ['skipped ones that are not listed', suite('tests="5" skipped="3"', cases(2)), 'passed'],
  ['disabled ones that are not listed', suite('tests="3" disabled="1"', cases(2)), 'passed'],
  ['fewer, by suites that count their own', suite('tests="0"', suite('tests="2"', cases(2))), 'passed'],
  [
    'a root that sums up',
    root('tests="4"', suite('tests="2"', cases(2)) + suite('tests="2"', cases(2))),
    'passed',
  ],
  [
    'pending ones in a suite, counted in the root alone',
    root('tests="6" skipped="2"', suite('tests="4"', cases(3)) + suite('tests="2"', cases(1))),
    'passed',
  ],
  ['no numbers', suite('tests="" failures="none" errors="NaN"', cases(1)), 'passed'],
  ['numbers below zero', suite('tests="-1" failures="-1" errors="18446744073709551615"', cases(1)), 'passed'],
  ['tries of a flaky test', suite('tests="2"', '<testcase name="a"><flakyFailure/></testcase>'), 'flaky'],
  ['none, where its one case has failed', suite('tests="0"', cases(1, '<failure/>')), 'failed'],
  ['a failure for each assertion', suite('tests="1" failures="3"', cases(1, '<failure/>')), 'failed'],
  ['too many tests beside a failure', suite('tests="9"', cases(1, '<failure/>')), 'failed'],
];
test.each(believed)('counters with %s change nothing', async (_what, xml, verdict) => {
  expect((await readVerdict(xml)).verdict).toBe(verdict);
});

const contradictions: [what: string, xml: string, why: RegExp][] = [
  [
    'an error of a suite',
    suite('tests="1" errors="1"', cases(1)),
    /its suite s counts 1 failures and errors, but shows none/,
  ],
  ['a failure of the root', root('failures="2"', suite('', cases(1))), /it counts 2 failures and errors/],
  [
    'an error of an empty suite',
    root('', suite('tests="1"', cases(1)) + suite('errors="1" tests="0"', '')),
    /counts 1 fail/,
  ],
  ['a failure of an inner suite', suite('', suite('failures="1"', cases(1))), /counts 1 fail/],
  ['more tests', suite('tests="5"', cases(2)), /counts 5 tests, but shows 2/],
  [
    'more tests of the root',
    root('tests="3"', suite('tests="2"', cases(2))),
    /it counts 3 tests, but shows 2/,
  ],
  ['more tests than skips explain', suite('tests="9" skipped="1"', cases(2)), /counts 9 tests/],
  ['tests with separators', suite('tests="1,234"', cases(2)), /counts 1234 tests/],
  ['capitals', suite('TESTS="2" Failures="1"', cases(2)), /counts 1 fail/],
  ['a prefix', suite('x:errors="1"', cases(2)), /counts 1 fail/],
  [
    'more failures than a flaky test has',
    suite('failures="2"', '<testcase name="a"><flakyFailure/></testcase>'),
    /counts 2/,
  ],
  [
    'only skipped tests',
    suite('tests="2" skipped="2"', cases(2)),
    /counts 2 skipped tests, so that none ran/,
  ],
  [
    'no test, though jest lists what is yet to be written',
    suite('tests="0"', cases(2)),
    /counts 0 tests, so/,
  ],
  ['a failure with a sign', suite('tests="1" failures="+1"', cases(1)), /counts 1 fail/],
  ['a failure by another name', suite('failure-count="1"', cases(1)), /counts 1 fail/],
  ['a timeout', suite('timeouts="1"', cases(1)), /counts 1 fail/],
  ['no success', suite('success="false"', cases(1)), /says success="false", its cases do not/],
  ['a failed suite', suite('failed="true"', cases(1)), /says failed="true"/],
  ['a suite that is switched off', suite('disabled="true"', cases(1)), /says disabled="true"/],
  [
    'more tests of a suite than its root has skipped',
    root('tests="6" skipped="1"', suite('tests="4"', cases(3)) + suite('tests="2"', cases(1))),
    /counts 4 tests, but shows 3/,
  ],
  [
    'more tests of a suite, and its root does not count',
    root('skipped="1"', suite('tests="4"', cases(3))),
    /counts 4 tests, but shows 3/,
  ],
  ['only disabled tests', suite('tests="2" disabled="2"', cases(2)), /so that none ran/],
];
test.each(contradictions)('counters that say %s are never green', async (_what, xml, why) => {
  const { verdict, result } = await readVerdict(xml);
  expect(verdict).toBe('report_error');
  expect(result.error).toMatch(why);
  expect((await readVerdict(xml, 1)).verdict).toBe('report_error');
});

test('a suite that says it was skipped is not believed with cases that passed', async () => {
  expect((await readVerdict(suite('', `<skipped message="no device"/>${cases(1)}`))).verdict).toBe(
    'report_error',
  );
  expect((await readVerdict(suite('', `<skipped/>${skipped}`))).verdict).toBe(
    (await readVerdict(suite('', skipped))).verdict,
  );
});

test.each([
  ['by its path', '<testcase name="m/empty.mjs" classname="test" file="/repo/m/empty.mjs"/>'],
  ['by its whole path, as Node 20 does', '<testcase name="/repo/m/empty.mjs" classname="test"/>'],
])('a file without a test that Node lists %s is no test', async (_how, xml) => {
  const { verdict, result } = await readVerdict(root('', xml));
  expect(verdict).toBe('report_error');
  expect(result.tests).toEqual([]);
  const beside = await readVerdict(
    root('', `${xml}<testcase name="adds" classname="test" file="/repo/m/a.mjs"/>`),
  );
  expect(beside.verdict).toBe('passed');
});

test('a test that is named by a route is a test', async () => {
  const xml = '<testcase name="/users" classname="test" file="/repo/m/a.mjs"/>';
  expect((await readVerdict(root('', xml))).verdict).toBe('passed');
});

test('a file that Node could not load has failed', async () => {
  const xml =
    '<testcase name="m/a.mjs" classname="test" file="/repo/m/a.mjs"><failure message="boom"/></testcase>';
  expect((await readVerdict(root('', xml), 1)).verdict).toBe('failed');
});
