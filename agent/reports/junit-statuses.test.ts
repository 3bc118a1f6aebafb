import { expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';

const suite = (inner: string, attributes = ''): string =>
  `<testsuite name="s" ${attributes}>${inner}</testsuite>`;
const one = (attributes: string, inner = ''): string =>
  suite(`<testcase name="fine"/><testcase name="t" ${attributes}>${inner}</testcase>`);

const words: [attributes: string, verdict: string][] = [
  // GoogleTest, Catch2, Bazel, CTest.
  ['status="run" result="completed"', 'passed'],
  ['status="run"', 'passed'],
  ['status="fail"', 'failed'],
  ['status="notrun" result="suppressed"', 'skipped'],
  ['status="disabled"', 'skipped'],
  // Maestro.
  ['status="SUCCESS"', 'passed'],
  ['status="WARNING"', 'passed'],
  ['status="ERROR"', 'failed'],
  ['status="CANCELED"', 'report_error'],
  ['status="STOPPED"', 'report_error'],
  // Ginkgo, behave, cucumber, Allure.
  ['status="panicked"', 'failed'],
  ['status="timedout"', 'failed'],
  ['status="timed_out"', 'failed'],
  ['status="Timed Out"', 'failed'],
  ['status="interrupted"', 'report_error'],
  ['status="aborted"', 'report_error'],
  ['status="hook_error"', 'failed'],
  ['status="untested"', 'skipped'],
  ['status="undefined"', 'report_error'],
  ['status="broken"', 'failed'],
  ['status="pending"', 'skipped'],
  // NUnit, xUnit, MSTest by their converters, QTest, Jenkins.
  ['result="Success"', 'passed'],
  ['result="Failure"', 'failed'],
  ['result="Inconclusive"', 'skipped'],
  ['outcome="NotExecuted"', 'skipped'],
  ['outcome="Passed"', 'passed'],
  ['result="pass"', 'passed'],
  ['result="REGRESSION"', 'failed'],
  ['executed="false"', 'skipped'],
  ['executed="No"', 'skipped'],
  ['executed="true"', 'passed'],
  ['enabled="false"', 'skipped'],
  ['success="false"', 'failed'],
  ['success="True"', 'passed'],
  ['skipped="true"', 'skipped'],
  ['skipped="not on this platform"', 'skipped'],
  ['skipped="false"', 'passed'],
  ['disabled="1"', 'skipped'],
  // In any spelling.
  ['STATUS="Not-Run"', 'skipped'],
  ['x:status="failed"', 'failed'],
  ['Status="PASSED"', 'passed'],
  ['status=""', 'passed'],
  ['status="passed" x:status="failed"', 'failed'],
  ['status="passed" result="skipped"', 'skipped'],
  ['status="0"', 'report_error'],
  ['status="no errors"', 'report_error'],
  ['status="läuft"', 'report_error'],
  // Attributes with free text.
  ['error="connection refused"', 'report_error'],
  ['failure="expected 1"', 'report_error'],
  ['error="" failure="false"', 'passed'],
  ['aborted="true"', 'failed'],
  // Counters of a case.
  ['failures="1"', 'report_error'],
  ['errors="0" failures="0"', 'passed'],
];

test.each(words)('a case with %s is %s', async (attributes, verdict) => {
  const read = await readVerdict(one(attributes));
  const last = read.tests.at(-1)?.split(' ')[0];
  expect(read.verdict === 'passed' ? last : read.verdict).toBe(verdict);
  expect(read.result.report?.total).toBe(2);
});

const elements: [inner: string, verdict: string][] = [
  ['<failure/>', 'failed'],
  ['<FAILURE message="x"/>', 'failed'],
  ['<Error/>', 'failed'],
  ['<j:failure xmlns:j="urn:x"/>', 'failed'],
  ['<a:b:error/>', 'failed'],
  ['<failed/>', 'failed'],
  ['<assertion-failure/>', 'failed'],
  ['<result><failure/></result>', 'failed'],
  ['<system-out><failure/></system-out>', 'failed'],
  ['<properties><property name="x"><error/></property></properties>', 'failed'],
  ['<rerunFailure/>', 'failed'],
  ['<skipped/><failure/>', 'failed'],
  ['<flakyFailure/><failure/>', 'failed'],
  ['<flakyFailure><failure/></flakyFailure>', 'failed'],
  ['<testcase name="inner"><failure/></testcase>', 'failed'],
  ['<steps><TestCase name="inner"><error/></TestCase></steps>', 'failed'],
  ['<testsuite name="in"><testcase name="inner"><error/></testcase></testsuite>', 'failed'],
  ['<failureDetails/>', 'report_error'],
  ['<unexpectedException/>', 'report_error'],
  ['<killed/>', 'report_error'],
  ['<blocked/>', 'report_error'],
  ['<Skipped/>', 'skipped'],
  ['<n:ignored/>', 'skipped'],
  ['<notrun/>', 'skipped'],
  ['<disabled/>', 'skipped'],
  ['<pending/>', 'skipped'],
  ['<inconclusive/>', 'skipped'],
  ['<untested/>', 'skipped'],
  ['<deselected/>', 'skipped'],
  ['<skipped>because</skipped>', 'skipped'],
  ['<system-err>Error: failure</system-err>', 'passed'],
  ['<system-error/><std-err/>', 'passed'],
  ['<properties><property name="failure" value="x"/></properties>', 'passed'],
  ['<!-- <failure/> -->', 'passed'],
  ['<system-out><![CDATA[<failure/>]]></system-out>', 'passed'],
];

test.each(elements)('a case that holds %s is %s', async (inner, verdict) => {
  const read = await readVerdict(one('', inner));
  const last = read.tests.at(-1)?.split(' ')[0];
  expect(read.verdict === 'passed' ? last : read.verdict).toBe(verdict);
});

const holders: [what: string, xml: string, verdict: string][] = [
  [
    'an element that nobody knows',
    suite('<group><testcase name="a"><failure/></testcase></group>'),
    'failed',
  ],
  ['the same, and it passed', suite('<group><testcase name="a"/></group>'), 'passed'],
  [
    'elements in capitals',
    '<TestSuites><TestSuite><TestCase name="a"><Failure/></TestCase></TestSuite></TestSuites>',
    'failed',
  ],
  ['elements with a prefix', '<x:testsuite xmlns:x="u"><x:testcase name="a"/></x:testsuite>', 'passed'],
  ['cases right in the root', '<testsuites><testcase name="a"><error/></testcase></testsuites>', 'failed'],
  ['a suite that failed itself', suite('<testcase name="a"/><error message="no database"/>'), 'failed'],
  ['a failure in an element of a suite', suite('<testcase name="a"/><setup><failure/></setup>'), 'failed'],
  ['a suite that says it failed', suite('<testcase name="a"/>', 'status="failed"'), 'report_error'],
  ['a suite that says it did not run', suite('<testcase name="a"/>', 'status="notrun"'), 'report_error'],
  ['a suite that says what nobody knows', suite('<testcase name="a"/>', 'result="CANCELED"'), 'report_error'],
  ['a suite that says it passed', suite('<testcase name="a"/>', 'status="passed"'), 'passed'],
  [
    'only disabled cases',
    suite('<testcase name="a" status="disabled"/><testcase name="b"><ignored/></testcase>'),
    'report_error',
  ],
  ['only cases that did not run', suite('<testcase name="a" executed="no"/>'), 'report_error'],
  ['no case', '<testsuites/>', 'report_error'],
];

test.each(holders)('%s: decided by what is there', async (_what, xml, verdict) => {
  expect((await readVerdict(xml)).verdict).toBe(verdict);
});

test('what was not understood is named', async () => {
  const { result, tests } = await readVerdict(one('status="CANCELED"'));
  expect(result.error).toBe(
    'the JUnit file cannot be believed: status="CANCELED" of a test is not understood (the command exited with 0)',
  );
  expect(tests.at(-1)).toBe('skipped s › t: not understood: status="CANCELED"');
});
