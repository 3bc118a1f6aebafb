import { describe, expect, test } from 'vitest';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { checkReport } from '../../server/queue/attempts/check-report.ts';
import { verdictForms } from './verdict-forms.ts';

const words = '<script>alert("é世😀")</script> '.repeat(60);
const makeTest = (status: TestCase['status'], n = 0): TestCase => ({
  name: `${words.slice(0, 1900)}${n}`,
  file: 'tests/<script>.ts',
  line: 7,
  status,
  duration_ms: 5,
  ...(status === 'failed' && { message: words.repeat(9).slice(0, 19_000) }),
});
const tests = (count: number, status: TestCase['status']) =>
  Array.from({ length: count }, (_, n) => makeTest(status, n));
const base = { attempt: 1, duration_ms: 9 };

const verdicts: [what: string, finish: FinishJob][] = [
  [
    'a failure among thousands',
    { ...base, verdict: 'failed', error: words, tests: [...tests(4999, 'passed'), makeTest('failed')] },
  ],
  ['many failures', { ...base, verdict: 'failed', error: words, tests: tests(300, 'failed') }],
  ['a failure without tests', { ...base, verdict: 'failed', error: words }],
  ['a pass', { ...base, verdict: 'passed', installs: 1, tests: tests(3, 'passed') }],
  [
    'a pass that thousands of skipped ones come before',
    { ...base, verdict: 'passed', tests: [...tests(4000, 'skipped'), makeTest('passed')] },
  ],
  [
    'a pass after a failure',
    { ...base, verdict: 'passed', tests: [...tests(400, 'passed'), makeTest('flaky')] },
  ],
  [
    'a pass that holds a failure',
    { ...base, verdict: 'passed', tests: [...tests(900, 'passed'), makeTest('failed')] },
  ],
  ['a pass without an executed test', { ...base, verdict: 'passed', tests: tests(500, 'skipped') }],
  ['a pass with an empty report', { ...base, verdict: 'passed', tests: [] }],
  ['a pass without a report', { ...base, verdict: 'passed' }],
  [
    'an error',
    { ...base, verdict: 'error', error_class: 'timeout', error: words, tests: tests(2, 'passed') },
  ],
  ['a cancel', { ...base, verdict: 'cancelled' }],
  [
    'a failure whose next attempt has to run thousands of tests',
    {
      ...base,
      verdict: 'failed',
      tests: tests(300, 'failed'),
      only: Array.from({ length: 10_000 }, (_, n) => `${words.slice(0, 190)}${n}`),
    },
  ],
];

describe.each(verdicts)('%s', (_, finish) => {
  const forms = verdictForms(finish);

  test('is what the wire takes, in every form', () => {
    expect(forms[0]).toEqual(finish);
    for (const form of forms) expect(FinishJob.safeParse(form).error).toBeUndefined();
  });

  test('gets the same verdict from the server in every form', () => {
    const verdicts = forms.map((form) => checkReport(form, 'playwright'));
    const [first] = verdicts;
    for (const { verdict, error_class } of verdicts)
      expect([verdict, error_class]).toEqual([first?.verdict, first?.error_class]);
  });

  test('gets smaller: under 1 MiB, then without a word of the test', () => {
    const [, second = finish] = forms;
    expect(Buffer.byteLength(JSON.stringify(second))).toBeLessThan(1024 * 1024 * 0.9);
    const last = JSON.stringify(forms.at(-1));
    expect(Buffer.byteLength(last)).toBeLessThan(16_384);
    expect(last).not.toMatch(/script|世/);
    const sizes = forms.map((form) => JSON.stringify(form).length);
    expect(sizes.slice(1).every((size, index) => size <= (sizes[index] ?? 0) || size < 300)).toBe(true);
  });

  test('says in every form how many tests there were and how they ended', () => {
    if (!finish.tests) return;
    const count = (status: string) => finish.tests?.filter((one) => one.status === status).length ?? 0;
    for (const form of forms.slice(1)) {
      if (form.tests?.length === finish.tests.length) continue;
      expect(form.report).toEqual({
        ...{ total: finish.tests.length, listed: form.tests?.length },
        ...{
          passed: count('passed') + count('flaky'),
          failed: count('failed'),
          skipped: count('skipped'),
          flaky: count('flaky'),
        },
      });
    }
  });
});

test('every form says which tests a selection ran; a form without texts keeps ids that are no texts', () => {
  const ids = ['0a1b-2c3d', '<script>'];
  const selected = ids.map((id, n) => ({ ...makeTest('failed', n), id }));
  const finish: FinishJob = { ...base, verdict: 'failed', tests: selected, only: ids, retried_tests: 2 };
  const forms = verdictForms(finish);
  expect(forms.map((form) => form.retried_tests)).toEqual([2, 2, 2]);
  expect(forms.map((form) => form.only)).toEqual([ids, ids, undefined]);
  expect(forms.at(-1)?.tests?.map(({ id }) => id)).toEqual(['0a1b-2c3d', undefined]);
});

test('what cannot get smaller has one form', () => {
  expect(verdictForms({ ...base, verdict: 'passed' })).toHaveLength(1);
});

test('a test without a name keeps its place', () => {
  const finish = {
    ...base,
    verdict: 'failed' as const,
    tests: [...tests(300, 'passed'), makeTest('failed')],
  };
  expect(verdictForms(finish).at(-1)?.tests?.slice(0, 2)).toEqual([
    { name: 'test 301', status: 'failed', duration_ms: 5 },
    { name: 'test 1', status: 'passed', duration_ms: 5 },
  ]);
});

test('only the form with all names says that its failed tests are all that went wrong', () => {
  const report = { total: 1, passed: 0, failed: 1, skipped: 0, flaky: 0, listed: 1, complete: true };
  const forms = verdictForms({ ...base, verdict: 'failed', tests: tests(1, 'failed'), report });
  expect(forms.map((form) => form.report?.complete)).toEqual([true, undefined, undefined]);
});
