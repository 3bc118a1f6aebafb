import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import { exactPath } from './playwright.ts';
import { judgePlaywright } from './playwright-verdict.ts';

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
const report = (specs: unknown[], errors: string[] = []) =>
  JSON.stringify({
    config: { rootDir: '/ws' },
    suites: specs.length === 0 ? [] : [{ title: 'a.spec.ts', file: 'tests/a.spec.ts', specs }],
    errors: errors.map((message) => ({ message })),
    stats: {},
  });

const passed = one('expected', ['passed']);
const failed = one('unexpected', ['failed'], 'tests/a.spec.ts', 'no');
const skipped = one('skipped', ['skipped']);
const cases: [what: string, code: number | null, text: string | undefined, verdict: string][] = [
  ['all passed', 0, report([passed]), 'passed'],
  ['passed and skipped', 0, report([passed, skipped]), 'passed'],
  ['one failed', 1, report([passed, failed]), 'failed'],
  ['one failed but the exit says 0', 0, report([failed]), 'failed'],
  ['one timed out', 1, report([one('unexpected', ['timedOut'])]), 'failed'],
  ['flaky', 0, report([one('flaky', ['failed', 'passed'])]), 'passed'],
  ['a failure that was expected', 0, report([one('expected', ['failed'])]), 'passed'],
  ['all skipped', 0, report([skipped]), 'error infra_error'],
  ['no test', 1, report([], ['Error: No tests found']), 'error infra_error'],
  ['a file that does not load', 1, report([], ['SyntaxError']), 'error infra_error'],
  ['no report', 1, undefined, 'error infra_error'],
  ['no report though the exit says 0', 0, undefined, 'error infra_error'],
  ['a cut report', 0, report([passed]).slice(0, -20), 'error infra_error'],
  ['something else', 0, '{}', 'error infra_error'],
  ['all passed, but an error outside of the tests', 1, report([passed], ['teardown']), 'failed'],
  ['all passed, but an exit of 1', 1, report([passed]), 'failed'],
  ['all passed, but ended by a signal', null, report([passed]), 'error infra_error'],
  [
    'all passed, but of another file',
    0,
    report([one('expected', ['passed'], 'tests/b.spec.ts')]),
    'error infra_error',
  ],
  ['a set-up project that failed', 1, report([one('unexpected', ['failed'], 'setup.ts'), skipped]), 'failed'],
  [
    'interrupted by somebody else',
    130,
    report([passed, one('skipped', ['interrupted'])]),
    'error infra_error',
  ],
];

test.each(cases)('%s', (_what, code, text, verdict) => {
  const result = judgePlaywright(exit(code), text === undefined ? { missing: true } : { text }, run);
  expect([result.verdict, result.error_class].filter(Boolean).join(' ')).toBe(verdict);
});

test('a report over its size is not read', () => {
  expect(judgePlaywright(exit(0), { tooLarge: 9e9 }, run)).toMatchObject({
    verdict: 'error',
    error_class: 'infra_error',
  });
});

test('a test is named with its describe blocks, and by its project where there are several', () => {
  const text = JSON.stringify({
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
  });
  const { tests } = judgePlaywright(exit(0), { text }, run);
  expect(tests).toEqual([
    { name: '[chromium] cart › pays', file: 'tests/a.spec.ts', line: 9, status: 'passed', duration_ms: 2 },
    { name: '[firefox] cart › pays', file: 'tests/a.spec.ts', line: 9, status: 'passed', duration_ms: 2 },
  ]);
});

test('a path becomes a pattern of that one file', () => {
  expect(exactPath('/ws/tests/a+b (1).spec.ts')).toBe('/^/ws/tests/a\\+b \\(1\\)\\.spec\\.ts$/');
});
