import { expect, test } from 'vitest';
import type { Attempt } from '../../protocol/shapes/job.ts';
import { makeCounts, makeJob, makeRun, plain } from '../test-support/answers.ts';
import { describeJob } from './describe-job.ts';
import { describeRun } from './describe-run.ts';

const failing = {
  name: 'sums up',
  status: 'failed',
  duration_ms: 5,
  message: 'expected 12, got 11',
} as const;
const failed = makeJob({
  status: 'failed',
  tests: [failing],
  error: '1 of 1 tests failed',
  attempt: 2,
  test_failures: 2,
});

test('a job is a few aligned lines, a failed one with its failing tests', () => {
  expect(plain(describeJob(failed))).toEqual([
    'job_1  failed',
    '  test      tests/cart.spec.ts',
    '  target    emulator',
    '  org       acme',
    '  app       v1',
    '  run       run_1',
    '  submitted 2026-01-01 10:00:00 UTC, done in 2.2 s',
    '  attempts  2 (2 failed)',
    '  tests     1 of 1 test failed',
    '  device    dev_1',
    '    sums up',
    '      expected 12, got 11',
  ]);
});

test('a job that waits says why and until when', () => {
  const waiting = makeJob({
    status: 'waiting',
    outcome: null,
    wait_reason: 'backoff',
    run_at: '2026-01-01T10:05:00.000Z',
    finished_at: null,
    device_id: null,
    failures: 1,
    error: 'the phone is gone',
  });
  expect(describeJob(waiting).slice(6)).toEqual([
    '  submitted 2026-01-01 10:00:00 UTC',
    '  waits     backoff, until 10:05:00 UTC',
    '  attempts  1 (1 error)',
    '  error     the phone is gone',
  ]);
});

test('its attempts come with all their tests', () => {
  const attempt: Attempt = {
    ...{ attempt: 1, lease_id: 'lse_1', agent_id: 'agt_1', device_id: 'dev_1', provider: null, error: null },
    retried_tests: null,
    ...{ started_at: '2026-01-01T10:00:01.000Z', finished_at: null, duration_ms: 900 },
    verdict: 'error',
    error_class: 'timeout',
    report: null,
    tests: [failing, { name: 'opens', status: 'passed', duration_ms: 1 }],
  };
  expect(plain(describeJob(failed, [attempt])).slice(10)).toEqual([
    '  attempt 1  timeout  900 ms  on dev_1  1 of 2 tests failed',
    '    failed   sums up',
    '      expected 12, got 11',
    '    passed   opens',
  ]);
});

test('tests that a report counted and does not list are mentioned, for the job and for its attempts', () => {
  const report = { total: 50_000, passed: 49_880, failed: 120, skipped: 0, flaky: 0, listed: 1 };
  const attempt: Attempt = {
    ...{ attempt: 1, lease_id: 'lse_1', agent_id: 'agt_1', device_id: 'dev_1', provider: null, error: null },
    retried_tests: null,
    ...{ started_at: '2026-01-01T10:00:01.000Z', finished_at: null, duration_ms: 900, error_class: null },
    ...{ verdict: 'failed', report, tests: [failing] },
  };
  const lines = plain(describeJob({ ...failed, report }));
  expect(lines).toContain('  tests     120 of 50000 tests failed, 1 listed');
  expect(lines.at(-1)).toBe('    and 119 more failed tests are not listed');
  const verbose = plain(describeJob({ ...failed, report }, [attempt]));
  expect(verbose).toContain('  attempt 1  failed  900 ms  on dev_1  120 of 50000 tests failed, 1 listed');
  expect(verbose.at(-1)).toBe('    … and 49999 tests more that are not listed');
});

test('a job whose last attempt ran a part of its tests again says so, and its attempts what each of them ran', () => {
  const passed = { name: 'opens', status: 'passed', duration_ms: 1 } as const;
  const job = makeJob({
    ...{ outcome: 'flaky', attempt: 2, test_failures: 1, retried_tests: 1 },
    tests: [{ ...failing, status: 'flaky' }, passed],
  });
  const attempt = (n: number, more: Partial<Attempt>): Attempt => ({
    ...{ attempt: n, lease_id: 'lse_1', agent_id: 'agt_1', device_id: 'dev_1', provider: null, error: null },
    ...{ started_at: '2026-01-01T10:00:01.000Z', finished_at: null, duration_ms: 900, error_class: null },
    ...{ verdict: 'passed', report: null, retried_tests: null, tests: null },
    ...more,
  });
  const attempts = [
    attempt(1, { verdict: 'failed', tests: [failing, passed] }),
    attempt(2, { tests: [{ ...failing, status: 'passed' }], retried_tests: 1 }),
  ];
  const lines = plain(describeJob(job, attempts));
  expect(lines).toContain('  attempts  2 (1 failed), retried 1 of 2 tests');
  expect(lines).toContain('  tests     2 tests passed (1 flaky)');
  expect(lines.filter((line) => line.startsWith('  attempt '))).toEqual([
    '  attempt 1  failed  900 ms  on dev_1  1 of 2 tests failed',
    '  attempt 2  passed  900 ms  on dev_1  retried 1 of 2 tests: 1 test passed',
  ]);
});

test('a job without a verdict says why, also where tests of an earlier attempt are known', () => {
  const job = makeJob({ status: 'errored', tests: [failing], error: 'it ran a selection of 1 test' });
  expect(plain(describeJob(job))).toContain('  error     it ran a selection of 1 test');
});

test('a run without a verdict gives the reasons of its jobs', () => {
  const run = makeRun({ status: 'errored', conclusion: 'failure', reason: 'infrastructure' });
  const jobs = [makeJob({ status: 'errored', outcome: 'report_error' })];
  expect(plain(describeRun(run, jobs, undefined))).toContain(
    "  reason    the test's report could not be believed",
  );
});

test('a flaky job shows the tests that failed first, with what they said', () => {
  const job = makeJob({ outcome: 'flaky', tests: [{ ...failing, status: 'flaky' }] });
  expect(plain(describeJob(job)).slice(-2)).toEqual(['    sums up', '      expected 12, got 11']);
});

test('a run lists what did not pass first, and says how many jobs it leaves out', () => {
  const jobs = Array.from({ length: 25 }, (_, n) =>
    makeJob({ job_id: `job_${n}`, status: n === 24 ? 'failed' : 'passed' }),
  );
  const run = makeRun({
    status: 'failed',
    counts: makeCounts({ passed: 24, failed: 1 }),
    installs_saved: 24,
    install_ms: null,
    github: null,
  });
  const lines = plain(describeRun(run, jobs, undefined));
  expect(lines.slice(0, 6)).toEqual([
    'run_1  failed',
    '  org       acme',
    '  app       v1',
    '  jobs      25: 24 passed, 1 failed',
    '  installs  1, 24 saved',
    '  submitted 2026-01-01 10:00:00 UTC, done in 12.3 s',
  ]);
  expect(lines[7]).toBe('failed  job_24  tests/cart.spec.ts  emulator');
  expect(lines.at(-1)).toBe('… and 5 more: qgjob list --run=run_1 --limit=500');
  expect(lines).toHaveLength(28);
});
