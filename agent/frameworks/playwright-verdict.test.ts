import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import type { JsonFile } from '../reports/read-json.ts';
import { exactPath } from './playwright.ts';
import { verdictOfPlaywright } from './playwright-verdict.ts';

const run = { root: '/ws', file: '/ws/tests/a.spec.ts', tail: 'last words' };
const exit = (code: number | null): ChildEnd => ({
  code,
  signal: code === null ? 'SIGKILL' : null,
  durationMs: 1,
});

type Status = 'passed' | 'failed' | 'timedOut' | 'skipped' | 'interrupted';
const one = (status: string, results: Status[], file = 'tests/a.spec.ts', message = '') => ({
  title: `${status} test`,
  ok: true,
  file,
  line: 3,
  tests: [
    {
      projectName: 'chromium',
      status,
      results: results.map((result) => ({
        status: result,
        duration: 5,
        errors: message ? [{ message }] : [],
      })),
    },
  ],
});
const report = (specs: unknown[], errors: string[] = [], stats: object = {}): object => ({
  config: { rootDir: '/ws' },
  suites: specs.length === 0 ? [] : [{ title: 'a.spec.ts', file: 'tests/a.spec.ts', specs }],
  errors: errors.map((message) => ({ message })),
  stats,
});

const passed = one('expected', ['passed']);
const failed = one('unexpected', ['failed'], 'tests/a.spec.ts', 'no');
const skipped = one('skipped', ['skipped']);
/** One test with these runs; `changes` replace what Playwright would write. */
const odd = (status: unknown, results: unknown[], changes: object = {}): unknown => ({
  ...passed,
  tests: [{ projectName: '', expectedStatus: 'passed', status, results, ...changes }],
});
const ran = (status: unknown): object => ({ status, duration: 1, errors: [] });
const none: JsonFile = { missing: true };
const cut: JsonFile = { broken: 'it is not whole, or no JSON' };

const cases: [what: string, code: number | null, found: object, verdict: string][] = [
  ['all passed', 0, report([passed]), 'passed'],
  ['passed and skipped', 0, report([passed, skipped]), 'passed'],
  ['one failed', 1, report([passed, failed]), 'failed'],
  ['one failed but the exit says 0', 0, report([failed]), 'failed'],
  ['one timed out', 1, report([one('unexpected', ['timedOut'])]), 'failed'],
  ['flaky', 0, report([one('flaky', ['failed', 'passed'])]), 'passed'],
  [
    'a failure that was expected',
    0,
    report([odd('expected', [ran('failed')], { expectedStatus: 'failed' })]),
    'passed',
  ],
  [
    'a failure that nothing says was expected',
    0,
    report([one('expected', ['failed'])]),
    'error report_error',
  ],
  ['all skipped', 0, report([skipped]), 'error report_error'],
  ['no test', 1, report([], ['Error: No tests found']), 'error report_error'],
  ['a file that does not load', 1, report([], ['SyntaxError']), 'error report_error'],
  ['no report', 1, none, 'error report_error'],
  ['no report though the exit says 0', 0, none, 'error report_error'],
  ['no report after a signal', null, none, 'error infra_error'],
  ['no report after a signal of its wrapper', 137, none, 'error infra_error'],
  ['a cut report', 0, cut, 'error report_error'],
  ['something else', 0, {}, 'error report_error'],
  ['a list', 0, [], 'error report_error'],
  ['all passed, but an error outside of the tests', 1, report([passed], ['teardown']), 'failed'],
  ['all passed, but an error outside and an exit of 0', 0, report([passed], ['teardown']), 'failed'],
  ['all passed, but an exit of 1', 1, report([passed]), 'failed'],
  ['all passed, but ended by a signal', null, report([passed]), 'error infra_error'],
  ['one failed, and ended by a signal', null, report([failed]), 'failed'],
  [
    'all passed, but of another file',
    0,
    report([one('expected', ['passed'], 'tests/b.spec.ts')]),
    'error report_error',
  ],
  ['a set-up project that failed', 1, report([one('unexpected', ['failed'], 'setup.ts'), skipped]), 'failed'],
  [
    'interrupted by somebody else',
    130,
    report([passed, one('skipped', ['interrupted'])]),
    'error infra_error',
  ],
  // Statuses that no version writes today are never green.
  [
    'an unknown status of a test',
    0,
    report([passed, odd('quarantined', [ran('passed')])]),
    'error report_error',
  ],
  ['no status of a test', 0, report([passed, odd(undefined, [ran('passed')])]), 'error report_error'],
  [
    'an unknown status of a run',
    0,
    report([passed, odd('expected', [ran('crashed')])]),
    'error report_error',
  ],
  ['as expected without a run', 0, report([passed, odd('expected', [])]), 'error report_error'],
  ['as expected, but it failed', 0, report([passed, odd('expected', [ran('failed')])]), 'error report_error'],
  [
    'as expected, but it timed out',
    0,
    report([passed, odd('expected', [ran('timedOut')], { expectedStatus: 'failed' })]),
    'error report_error',
  ],
  [
    'flaky, but its last run failed',
    0,
    report([passed, odd('flaky', [ran('passed'), ran('failed')])]),
    'error report_error',
  ],
  [
    'skipped, but a run of it failed',
    0,
    report([passed, odd('skipped', [ran('failed')])]),
    'error report_error',
  ],
  ['passed, but its file says it is not well', 0, report([{ ...passed, ok: false }]), 'error report_error'],
  [
    'skipped, but its file says it is not well',
    0,
    report([passed, { ...skipped, ok: false }]),
    'error report_error',
  ],
  ['unknown beside a failure', 0, report([failed, odd('quarantined', [])]), 'failed'],
  ['counters with a failure more', 0, report([passed], [], { unexpected: 1 }), 'error report_error'],
  [
    'counters with a flaky test more',
    0,
    report([passed], [], { expected: 1, flaky: 1 }),
    'error report_error',
  ],
  ['counters with more tests', 0, report([passed], [], { expected: 2 }), 'error report_error'],
  [
    'counters that agree',
    0,
    report([passed, skipped], [], { expected: 1, skipped: 1, unexpected: 0, flaky: 0 }),
    'passed',
  ],
  ['counters that are none', 0, report([passed], [], { expected: 'x', unexpected: null }), 'passed'],
  // An impossible number costs no verdict.
  [
    'a line and a duration that cannot be',
    0,
    report([
      {
        ...passed,
        line: -1,
        tests: [{ ...passed.tests[0], results: [{ status: 'passed', duration: 'x' }] }],
      },
    ]),
    'passed',
  ],
];

test.each(cases)('%s', (_what, code, found, verdict) => {
  const file = 'missing' in found || 'broken' in found ? (found as JsonFile) : { json: found };
  const result = verdictOfPlaywright(exit(code), file, run);
  expect([result.verdict, result.error_class].filter(Boolean).join(' ')).toBe(verdict);
});

const verdictOf = (spec: unknown): AttemptResult =>
  verdictOfPlaywright(exit(1), { json: report([spec]) }, run);

test.each([
  ['an expected failure that passed', 'unexpected', 'failed', ['passed'], 'expected to fail, but passed'],
  [
    'a time-out without words',
    'unexpected',
    'passed',
    ['timedOut'],
    'it ended as timedOut, expected was passed',
  ],
  ['a failure without words', 'unexpected', '', ['failed'], 'it ended as failed'],
])('%s has a message', (_what, status, expectedStatus, results, message) => {
  expect(verdictOf(odd(status, results.map(ran), { expectedStatus })).tests?.[0]).toMatchObject({
    status: 'failed',
    message,
  });
});

test('a failure that was expected has passed, without a message', () => {
  const [result] =
    verdictOf(
      odd('expected', [{ ...ran('failed'), errors: [{ message: 'x' }] }], { expectedStatus: 'failed' }),
    ).tests ?? [];
  expect(result).toEqual({
    name: 'expected test',
    file: 'tests/a.spec.ts',
    line: 3,
    status: 'passed',
    duration_ms: 1,
  });
});

test('a test is named with its describe blocks and its project', () => {
  const json = {
    config: { rootDir: '/ws/tests' },
    suites: [
      {
        title: 'a.spec.ts',
        suites: [
          {
            title: 'cart',
            specs: [
              {
                title: 'pays',
                file: 'a.spec.ts',
                line: 9,
                tests: ['chromium', 'firefox'].map((projectName) => ({
                  projectName,
                  status: 'expected',
                  results: [{ status: 'passed', duration: 2 }],
                })),
              },
            ],
          },
        ],
      },
    ],
    errors: [],
  };
  const { tests } = verdictOfPlaywright(exit(0), { json }, run);
  expect(tests).toEqual([
    { name: '[chromium] cart › pays', file: 'tests/a.spec.ts', line: 9, status: 'passed', duration_ms: 2 },
    { name: '[firefox] cart › pays', file: 'tests/a.spec.ts', line: 9, status: 'passed', duration_ms: 2 },
  ]);
});

test('a path becomes a pattern of that one file', () => {
  expect(exactPath('/ws/tests/a+b (1).spec.ts')).toBe('/^/ws/tests/a\\+b \\(1\\)\\.spec\\.ts$/');
});
