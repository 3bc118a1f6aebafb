import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import type { JunitReport } from '../reports/read-junit.ts';
import { judgeCommand } from './command.ts';

const exit = (code: number): ChildEnd => ({ code, signal: null, durationMs: 1 });
const killed: ChildEnd = { code: null, signal: 'SIGSEGV', durationMs: 1 };
const missing: ChildEnd = { code: null, signal: null, failure: 'cannot start x', durationMs: 0 };
const junit = (...statuses: ('passed' | 'failed' | 'skipped' | 'flaky')[]): JunitReport => ({
  tests: statuses.map((status, index) => ({ name: `t${index}`, status, duration_ms: 1 })),
});
const cut: JunitReport = { broken: 'cut' };

const cases: [what: string, end: ChildEnd, report: JunitReport, verdict: string][] = [
  ['exit 0 without a report', exit(0), undefined, 'passed'],
  ['exit 0 with a green report', exit(0), junit('passed', 'skipped'), 'passed'],
  ['exit 0 with a flaky report', exit(0), junit('flaky'), 'passed'],
  ['exit 0 with a failing report', exit(0), junit('passed', 'failed'), 'failed'],
  ['exit 0 with an empty report', exit(0), junit(), 'error infra_error'],
  ['exit 0 where all was skipped', exit(0), junit('skipped'), 'error infra_error'],
  ['exit 0 with a cut report', exit(0), cut, 'error infra_error'],
  ['exit 1 without a report', exit(1), undefined, 'failed'],
  ['exit 1 with a failing report', exit(1), junit('failed'), 'failed'],
  ['exit 1 with a green report', exit(1), junit('passed'), 'failed'],
  ['exit 1 with an empty report', exit(1), junit(), 'error infra_error'],
  ['exit 1 with a cut report', exit(1), cut, 'error infra_error'],
  ['exit 75', exit(75), undefined, 'error infra_error'],
  ['exit 75 with a green report', exit(75), junit('passed'), 'error infra_error'],
  ['exit 124', exit(124), undefined, 'error timeout'],
  ['exit 124 with a cut report', exit(124), cut, 'error timeout'],
  ['exit 255', exit(255), undefined, 'failed'],
  ['an end by a signal', killed, undefined, 'error infra_error'],
  ['an end by a signal after a green report', killed, junit('passed'), 'error infra_error'],
  ['a program that is not there', missing, undefined, 'error infra_error'],
];

test.each(cases)('%s', (_what, end, report, verdict) => {
  const result = judgeCommand(end, report, 'last words');
  expect([result.verdict, result.error_class].filter(Boolean).join(' ')).toBe(verdict);
});

test('an exit says how it came about, with the last lines of the output', () => {
  expect(judgeCommand(exit(3), undefined, 'boom').error).toBe('the command exited with 3:\nboom');
});

test('a failing report says which test, what it said, and how many', () => {
  const report: JunitReport = {
    tests: [
      { name: 'pays', status: 'failed', duration_ms: 1, message: '\nexpected 200, got 500\nat x' },
      { name: 'logs in', status: 'passed', duration_ms: 1 },
    ],
  };
  expect(judgeCommand(exit(1), report, '').error).toBe('1 of 2 tests failed: pays: expected 200, got 500');
});
