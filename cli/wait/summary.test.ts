import { expect, test } from 'vitest';
import type { Job } from '../../protocol/shapes/job.ts';
import { clock, progressLine, progressWords } from '../output/progress-words.ts';
import { makeCounts, makeJob, makeRun, plain } from '../test-support/answers.ts';
import { describeEnd, summarize, verdictLine } from './summary.ts';
import { verdictCode, worstCode } from './verdict-code.ts';
import { countsOfJob, WaitTotals } from './wait-totals.ts';

const failure = {
  name: 'cart › sums up',
  status: 'failed',
  duration_ms: 5,
  line: 12,
  message: 'Error: expected 12\u001b[2J, got 11\n\n  at cart.ts:12\n  at run.ts:1\n  at main.ts:1',
} as const;

test('a summary names the failing tests with the first lines of what they said', () => {
  const jobs = [
    makeJob(),
    makeJob({
      job_id: 'job_2',
      status: 'failed',
      tests: [failure, { ...failure, name: 'fine', status: 'passed' }],
    }),
    makeJob({
      job_id: 'job_3',
      status: 'errored',
      outcome: 'timeout',
      error: 'no end after 15 min',
      tests: null,
      report: null,
    }),
    makeJob({
      ...{ job_id: 'job_4', test_path: 'tests/flaky.spec.ts', outcome: 'flaky', retried_tests: 1 },
      report: { total: 5, passed: 5, failed: 0, skipped: 0, flaky: 1, listed: 0 },
    }),
  ];
  const counts = makeCounts({ passed: 2, flaky: 1, failed: 1, errored: 1 });
  const run = makeRun({ status: 'failed', conclusion: 'failure', counts, installs: 2 });
  expect(plain(summarize(run, jobs))).toEqual([
    '',
    'run run_1 failed in 12.3 s',
    '4 jobs, 2 installs: 2 passed (1 flaky), 1 failed, 1 errored',
    '',
    'did not pass:',
    '  tests/cart.spec.ts  emulator  failed',
    '    qgjob logs job_2',
    '  tests/cart.spec.ts  emulator  errored (timeout)',
    '    no end after 15 min',
    '    qgjob logs job_3',
    '',
    'flaky, passed after a failure:',
    '  tests/flaky.spec.ts  emulator  (retried 1 of 5 tests)',
    '',
    'next:',
    '  once more:  qgjob retry run_1 --failed --wait',
    '  on a page:  qgjob open run_1',
    '  how often:  qgjob hunt tests/cart.spec.ts --org-id=acme --app-version-id=v1',
  ]);
  expect(plain(describeEnd(jobs[1] as Job)).slice(1)).toEqual([
    '    cart › sums up (line 12)',
    '      Error: expected 12, got 11',
    '        at cart.ts:12',
    '        at run.ts:1',
    '        at main.ts:1',
    '    qgjob logs job_2',
  ]);
});

test('tests that a report counted and does not list are mentioned, and flaky tests with their first message', () => {
  const report = { total: 50_000, passed: 49_880, failed: 120, skipped: 0, flaky: 0, listed: 1 };
  const jobs = [
    makeJob({ status: 'failed', tests: [{ ...failure, message: 'no' }], report }),
    makeJob({ outcome: 'flaky', tests: [{ ...failure, status: 'flaky', message: 'not yet' }] }),
  ];
  const run = makeRun({
    status: 'failed',
    conclusion: 'failure',
    counts: makeCounts({ passed: 1, failed: 1, flaky: 1 }),
  });
  expect(plain(summarize(run, jobs)).slice(3)).toEqual([
    '',
    'did not pass:',
    '  tests/cart.spec.ts  emulator  failed',
    '    qgjob logs job_1',
    '',
    'flaky, passed after a failure:',
    '  tests/cart.spec.ts  emulator',
    '    cart › sums up (line 12)',
    '      not yet',
    '',
    'next:',
    '  once more:  qgjob retry run_1 --failed --wait',
    '  on a page:  qgjob open run_1',
    '  how often:  qgjob hunt tests/cart.spec.ts --org-id=acme --app-version-id=v1',
  ]);
  expect(plain(describeEnd(jobs[0] as Job)).slice(1)).toEqual([
    '    120 of 50000 tests failed, 1 listed',
    '    cart › sums up (line 12)',
    '      no',
    '    and 119 more failed tests are not listed',
    '    qgjob logs job_1',
  ]);
});

test.each([
  [['report_error'], "(the test's report could not be believed)"],
  [['no_device'], '(no device offers the target)'],
  [['infra_error', 'poison'], '(a problem of the infrastructure and not of a test)'],
  [['timeout', 'build_error'], '(the test took longer than it may; the app file is not valid)'],
] as const)('a run without a verdict, its jobs ended as %j, says %s', (outcomes, words) => {
  const run = makeRun({ status: 'errored', conclusion: 'failure', reason: 'infrastructure' });
  const jobs = outcomes.map((outcome) => makeJob({ status: 'errored', outcome }));
  expect(plain(summarize(run, jobs))[1]).toBe(`run run_1 errored ${words} in 12.3 s`);
});

test('a run that passed has a summary of two lines', () => {
  expect(plain(summarize(makeRun(), [makeJob()]))).toEqual([
    '',
    'run run_1 passed in 12.3 s',
    '1 job, 1 install: 1 passed',
  ]);
});

test.each([
  [makeJob(), 'passed     tests/cart.spec.ts  emulator  1.2 s'],
  [makeJob({ outcome: 'flaky' }), 'flaky      tests/cart.spec.ts  emulator  1.2 s'],
  [makeJob({ status: 'cancelled', duration_ms: null }), 'cancelled  tests/cart.spec.ts  emulator'],
  [
    makeJob({ status: 'errored', outcome: 'infra_error', error: 'the phone\nis gone' }),
    'errored    tests/cart.spec.ts  emulator  1.2 s  infra_error: the phone is gone',
  ],
])('a verdict is one line', (job, line) => {
  expect(plain([verdictLine(job)])).toEqual([line]);
});

test.each([
  [7_900, '0:07'],
  [750_000, '12:30'],
  [3_723_000, '1:02:03'],
])('%i ms on a clock are %s', (ms, text) => {
  expect(clock(ms)).toBe(text);
});

const half = makeCounts({ passed: 4, flaky: 1, failed: 2, running: 1, scheduled: 1, queued: 3, waiting: 1 });

test('progress counts every job once, in one line that fits', () => {
  expect(progressWords(half)).toBe(
    '6 of 12 done, 4 passed (1 flaky), 2 failed, 2 running, 3 queued, 1 waiting',
  );
  expect(progressLine(half, 7_000, 120)).toBe(`[############------------] 0:07  ${progressWords(half)}`);
  expect(progressLine(half, 7_000, 60)).toMatch(/^0:07 {2}6 of 12 done.*…$/);
  for (const width of [10, 40, 72, 80]) expect(progressLine(half, 0, width).length).toBeLessThan(width);
  expect(progressLine(makeCounts(), 0, 100)).toContain('0 of 0 done');
});

test('the totals add up runs and jobs, and knows when nothing has begun', () => {
  const totals = new WaitTotals();
  expect(totals.isUntouched).toBe(false);
  expect(totals.set('run_1', makeCounts({ queued: 2 }))).toBe(true);
  expect(totals.set('run_1', makeCounts({ queued: 2 }))).toBe(false);
  expect(totals.isUntouched).toBe(true);
  totals.set('job_9', countsOfJob(makeJob({ outcome: 'flaky' })));
  expect(totals.total).toEqual(makeCounts({ queued: 2, passed: 1, flaky: 1 }));
  expect(totals.isUntouched).toBe(false);
});

test.each([
  [makeRun(), 0],
  [makeRun({ status: 'failed', conclusion: 'failure' }), 1],
  [makeRun({ status: 'passed', conclusion: 'failure' }), 1],
  [makeRun({ status: 'cancelled', conclusion: 'neutral' }), 1],
  [makeRun({ status: 'running', conclusion: null }), undefined],
  [makeJob({ outcome: 'flaky' }), 0],
  [makeJob({ status: 'errored' }), 1],
  [makeJob({ status: 'running', outcome: null }), undefined],
])('nothing but success is exit code 0', (of, code) => {
  expect(verdictCode(of)).toBe(code);
});

test.each([
  [[0, 0], 0],
  [[0, 5], 5],
  [[5, 1, 0], 1],
])('of %j the worst is %i', (codes, worst) => {
  expect(worstCode(codes)).toBe(worst);
});
