import { expect, test } from 'vitest';
import type { ChildEnd } from '../children/run-child.ts';
import type { JunitReport } from '../reports/read-junit.ts';
import { fillArgv } from './fill-argv.ts';
import { verdictOfCommand } from './verdict-of-command.ts';

const exit = (code: number): ChildEnd => ({ code, signal: null, durationMs: 1 });
const killed: ChildEnd = { code: null, signal: 'SIGSEGV', durationMs: 1 };
const missing: ChildEnd = { code: null, signal: null, failure: 'cannot start x', durationMs: 0 };
const junit = (...statuses: ('passed' | 'failed' | 'skipped' | 'flaky')[]): JunitReport => ({
  tests: statuses.map((status, index) => ({ name: `t${index}`, status, duration_ms: 1 })),
});
const cut: JunitReport = { tests: [], problem: 'cut' };
const cutAfterFailure: JunitReport = { ...junit('failed'), problem: 'cut' };
const contradictory: JunitReport = { ...junit('passed'), problem: 'it counts 2 tests' };

const cases: [what: string, end: ChildEnd, report: JunitReport | undefined, verdict: string][] = [
  ['exit 0 without a report', exit(0), undefined, 'passed'],
  ['exit 0 with a green report', exit(0), junit('passed', 'skipped'), 'passed'],
  ['exit 0 with a flaky report', exit(0), junit('flaky'), 'passed'],
  ['exit 0 with a failing report', exit(0), junit('passed', 'failed'), 'failed'],
  ['exit 0 with an empty report', exit(0), junit(), 'error report_error'],
  ['exit 0 where all was skipped', exit(0), junit('skipped'), 'error report_error'],
  ['exit 0 with a cut report', exit(0), cut, 'error report_error'],
  ['exit 0 with a contradictory report', exit(0), contradictory, 'error report_error'],
  ['exit 0 with a report that is cut after a failure', exit(0), cutAfterFailure, 'failed'],
  ['exit 1 without a report', exit(1), undefined, 'failed'],
  ['exit 1 with a failing report', exit(1), junit('failed'), 'failed'],
  ['exit 1 with a green report', exit(1), junit('passed'), 'failed'],
  ['exit 1 with an empty report', exit(1), junit(), 'error report_error'],
  ['exit 1 with a cut report', exit(1), cut, 'error report_error'],
  ['exit 75', exit(75), undefined, 'error infra_error'],
  ['exit 75 with a green report', exit(75), junit('passed'), 'error infra_error'],
  ['exit 75 with a cut report', exit(75), cut, 'error infra_error'],
  ['exit 75 with a failing report', exit(75), junit('failed'), 'failed'],
  ['exit 124', exit(124), undefined, 'error timeout'],
  ['exit 124 with a cut report', exit(124), cut, 'error timeout'],
  ['exit 124 with a failing report', exit(124), junit('failed'), 'error timeout'],
  ['exit 126', exit(126), undefined, 'error infra_error'],
  ['exit 127', exit(127), undefined, 'error infra_error'],
  ['exit 127 with a green report', exit(127), junit('passed'), 'failed'],
  ['exit 127 with a failing report', exit(127), junit('failed'), 'failed'],
  ['exit 127 with an empty report', exit(127), junit(), 'error report_error'],
  ['exit 137', exit(137), undefined, 'error infra_error'],
  ['exit 139 with a green report', exit(139), junit('passed'), 'error infra_error'],
  ['exit 143 with a failing report', exit(143), junit('failed'), 'failed'],
  ['exit 128', exit(128), undefined, 'failed'],
  ['exit 200', exit(200), undefined, 'failed'],
  ['exit 255', exit(255), undefined, 'failed'],
  ['an end by a signal', killed, undefined, 'error infra_error'],
  ['an end by a signal after a green report', killed, junit('passed'), 'error infra_error'],
  ['an end by a signal after a failing report', killed, junit('failed'), 'failed'],
  ['a program that is not there', missing, undefined, 'error infra_error'],
];

test.each([
  ['exit 0', exit(0), undefined, 'error report_error'],
  ['exit 1', exit(1), undefined, 'failed'],
  ['exit 0 and a report', exit(0), junit('passed'), 'passed'],
  ['exit 127', exit(127), undefined, 'error infra_error'],
] as typeof cases)('a command whose words name a report: %s', (_what, end, report, verdict) => {
  const result = verdictOfCommand(end, report, 'last words', true);
  expect([result.verdict, result.error_class].filter(Boolean).join(' ')).toBe(verdict);
});

test.each(cases)('%s', (_what, end, report, verdict) => {
  const result = verdictOfCommand(end, report, 'last words');
  expect([result.verdict, result.error_class].filter(Boolean).join(' ')).toBe(verdict);
});

test.each([
  [exit(3), 'the command exited with 3:\nboom'],
  [exit(126), 'the command exited with 126: its shell found a program that cannot be executed:\nboom'],
  [exit(127), 'the command exited with 127: its shell did not find a program:\nboom'],
  [exit(137), 'the command exited with 137: SIGKILL (9) ended a program inside of it:\nboom'],
  [killed, 'the command was ended by SIGSEGV:\nboom'],
])('an exit says how it came about, with the last lines of the output', (end, words) => {
  expect(verdictOfCommand(end, undefined, 'boom').error).toBe(words);
});

test.each<[what: string, end: ChildEnd, report: JunitReport, isComplete: true | undefined]>([
  ['a test failed, and the others passed', exit(1), junit('failed', 'passed', 'flaky'), true],
  ['a test failed, and the exit says 0', exit(0), junit('failed', 'passed'), true],
  ['a test was skipped, maybe for the failure', exit(1), junit('failed', 'skipped'), undefined],
  ['the report is cut', exit(1), cutAfterFailure, undefined],
  ['a signal ended the command', killed, junit('failed', 'passed'), undefined],
  ['a signal ended a program inside of it', exit(139), junit('failed', 'passed'), undefined],
  ['the command calls it a fault of the host', exit(75), junit('failed', 'passed'), undefined],
  ['no test failed', exit(1), junit('passed'), undefined],
])('whether the failed tests are all that went wrong, where %s', (_what, end, report, isComplete) => {
  expect(verdictOfCommand(end, report, '').isComplete).toBe(isComplete);
});

test('what is wrong with a report is said in words', () => {
  expect(verdictOfCommand(exit(0), contradictory, '').error).toBe(
    'the JUnit file cannot be believed: it counts 2 tests (the command exited with 0)',
  );
});

test('a failing report says which test, what it said, and how many', () => {
  const report: JunitReport = {
    tests: [
      { name: 'pays', status: 'failed', duration_ms: 1, message: '\nexpected 200, got 500\nat x' },
      { name: 'logs in', status: 'passed', duration_ms: 1 },
    ],
  };
  expect(verdictOfCommand(exit(1), report, '').error).toBe(
    '1 of 2 tests failed: pays: expected 200, got 500',
  );
});

const values = {
  test: 'tests/a b;$(x).js',
  app: 'app.apk',
  device: 'emulator-1',
  deviceDir: '/d',
  artifacts: '/a',
  junit: '/j.xml',
};

const fillings: [what: string, argv: string[], filled: string[]][] = [
  ['a value is one word, whatever is in it', ['run', '{test}'], ['run', 'tests/a b;$(x).js']],
  ['a value inside a word', ['--out={junit}'], ['--out=/j.xml']],
  ['several in one word', ['{device}:{app}'], ['emulator-1:app.apk']],
  ['the folder of the device', ['{device_dir}/x'], ['/d/x']],
  ['other braces', ['{"a":1}', '{other}'], ['{"a":1}', '{other}']],
  ['no placeholder', ['run'], ['run']],
];

test.each(fillings)('fills in: %s', (_what, argv, filled) => {
  expect(fillArgv(argv, values)).toEqual(filled);
});

test('a value that holds a placeholder is not filled in again', () => {
  expect(fillArgv(['{test}'], { ...values, test: '{app}' })).toEqual(['{app}']);
});

test('a value with $ patterns comes through as it is', () => {
  expect(fillArgv(['{test}'], { ...values, test: "$&$1$'" })).toEqual(["$&$1$'"]);
});

test('a test whose name starts with a dash cannot be an option', () => {
  expect(fillArgv(['run', '{test}'], { ...values, test: '--help' })).toEqual(['run', './--help']);
});

test('a placeholder without a value stays', () => {
  expect(fillArgv(['{test}'], { app: '', device: 'd', deviceDir: '/d', artifacts: '/a' })).toEqual([
    '{test}',
  ]);
});
