import { describe, expect, test } from 'vitest';
import { readVerdict } from '../test-support/read-verdict.ts';

const suite = (inner: string, attributes = ''): string =>
  `<testsuite name="s" ${attributes}>${inner}</testsuite>`;
const pass = (attributes = ''): string => `<testcase name="t" classname="C" time="0.1" ${attributes}/>`;
const fail = (message: string, attributes = ''): string =>
  `<testcase name="t" classname="C" time="0.2" ${attributes}><failure message="${message}"/></testcase>`;

describe('a test that comes more than once', () => {
  test('is one flaky test where it failed and then passed, with the message of its first failure', async () => {
    const { verdict, tests, result } = await readVerdict(suite(fail('once') + fail('twice') + pass()));
    expect({ verdict, tests }).toEqual({ verdict: 'flaky', tests: ['flaky s › C › t: once'] });
    expect(result.tests?.[0]?.duration_ms).toBe(500);
    expect(result.report).toEqual({ total: 1, passed: 1, failed: 0, skipped: 0, flaky: 1, listed: 1 });
  });

  test('has failed where the command says so', async () => {
    const { verdict, tests } = await readVerdict(suite(fail('once') + pass()), 1);
    expect({ verdict, tests }).toEqual({
      verdict: 'failed',
      tests: ['failed s › C › t: once', 'passed s › C › t'],
    });
  });

  test.each([
    ['passed and then failed (a teardown)', pass() + fail('x')],
    ['failed, passed, failed', fail('x') + pass() + fail('y')],
    ['failed, then was skipped', `${fail('x')}<testcase name="t" classname="C"><skipped/></testcase>`],
    ['another class', fail('x') + pass().replace('"C"', '"D"')],
    ['another line', fail('x', 'line="1"') + pass('line="9"')],
    ['no name', '<testcase><failure/></testcase><testcase/>'],
    ['another file', fail('x', 'file="a.js"') + pass('file="b.js"')],
  ])('has failed: %s', async (_what, inner) => {
    expect((await readVerdict(suite(inner))).verdict).toBe('failed');
  });

  test.each([
    ['suite', 'name="a"', 'name="b"'],
    ['host, as a browser is one', 'name="a" hostname="firefox"', 'name="a" hostname="chromium"'],
    ['package', 'name="a" package="x"', 'name="a" package="y"'],
  ])('is two where its %s is another', async (_what, one, two) => {
    const xml = `<testsuites><testsuite ${one}>${fail('x')}</testsuite><testsuite ${two}>${pass()}</testsuite></testsuites>`;
    const { verdict, tests } = await readVerdict(xml);
    expect(verdict).toBe('failed');
    expect(new Set(tests.map((line) => line.replace(/^\w+ |: x$/g, ''))).size).toBe(2);
  });

  test('is flaky over suites of one name (a second run of them)', async () => {
    const { verdict } = await readVerdict(`<testsuites>${suite(fail('x'))}${suite(pass())}</testsuites>`);
    expect(verdict).toBe('flaky');
  });

  test('stays as often as it passed', async () => {
    expect((await readVerdict(suite(pass() + pass()))).result.report).toMatchObject({ total: 2, passed: 2 });
  });
});

test.each([
  [
    '<flakyFailure message="first"><stackTrace>trace one</stackTrace><system-out>x</system-out></flakyFailure>',
    'first\ntrace one',
  ],
  ['<flakyError type="E"/>', 'E'],
  ['<x:FLAKYERROR message="m"/>', 'm'],
  ['<flakyFailure message="1"/><flakyFailure message="2"/>', '1\n\n2'],
])('a case with %s is flaky', async (inner, message) => {
  const { verdict, tests } = await readVerdict(suite(`<testcase name="t">${inner}</testcase>`));
  expect({ verdict, tests }).toEqual({ verdict: 'flaky', tests: [`flaky s › t: ${message}`] });
});

test('reruns that failed too are a failure, once in the list', async () => {
  const inner = '<failure message="1"/><rerunFailure message="2"/><rerunError message="1"/>';
  const { tests } = await readVerdict(suite(`<testcase name="t">${inner}</testcase>`), 1);
  expect(tests).toEqual(['failed s › t: 1\n\n2']);
});

test('tests of one name in two files are two tests, where only their suites name the file', async () => {
  const login = (file: string, inner: string): string =>
    `<testsuite name="Login" file="${file}"><testcase name="works">${inner}</testcase></testsuite>`;
  const xml = `<testsuites>${login('a.js', '<failure/>')}${login('b.js', '')}</testsuites>`;
  expect((await readVerdict(xml)).verdict).toBe('failed');
});
