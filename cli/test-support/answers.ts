import { stripVTControlCharacters } from 'node:util';
import { Job } from '../../protocol/shapes/job.ts';
import { Run } from '../../protocol/shapes/run.ts';

/** A job as the server returns it: passed, with the fields of `more`. */
export function makeJob(change: Partial<Job> = {}): Job {
  return Job.parse({
    job_id: 'job_1',
    run_id: 'run_1',
    org_id: 'acme',
    app_version_id: 'v1',
    test_path: 'tests/cart.spec.ts',
    target: 'emulator',
    framework: null,
    priority: 5,
    status: 'passed',
    outcome: change.status === 'errored' ? 'infra_error' : (change.status ?? 'passed'),
    wait_reason: null,
    attempt: 1,
    max_retries: 3,
    retry_failed_tests: 1,
    failures: 0,
    test_failures: 0,
    crashes: 0,
    releases: 0,
    agent_id: 'agt_1',
    device_id: 'dev_1',
    lease_id: null,
    submitted_at: '2026-01-01T10:00:00.000Z',
    run_at: null,
    started_at: '2026-01-01T10:00:01.000Z',
    finished_at: '2026-01-01T10:00:02.200Z',
    duration_ms: 1200,
    error: null,
    provider: null,
    tests: [],
    report: null,
    retried_tests: null,
    known_failure: null,
    known_run_id: null,
    rev: 4,
    ...change,
  });
}

/** A run of one job that passed, as the server returns it. */
export function makeRun(change: Partial<Run> = {}): Run {
  return Run.parse({
    run_id: 'run_1',
    org_id: 'acme',
    app_version_id: 'v1',
    status: 'passed',
    conclusion: 'success',
    reason: null,
    counts: makeCounts({ passed: 1 }),
    installs: 1,
    installs_saved: 0,
    install_ms: null,
    github: null,
    serves: 0,
    retry_of: null,
    passed_before: 0,
    submitted_at: '2026-01-01T10:00:00.000Z',
    started_at: '2026-01-01T10:00:01.000Z',
    finished_at: '2026-01-01T10:00:12.300Z',
    metadata: {},
    report_by: 'action',
    url: 'http://qgjob.test/v1/runs/run_1',
    rev: 9,
    ...change,
  });
}

export const makeCounts = (change: Partial<Run['counts']> = {}): Run['counts'] => ({
  ...{ waiting: 0, queued: 0, scheduled: 0, running: 0 },
  ...{ passed: 0, failed: 0, errored: 0, cancelled: 0, flaky: 0 },
  ...change,
});

/** Without colours, which FORCE_COLOR in the environment may add. */
export const plain = (lines: readonly string[]): string[] =>
  lines.map((line) => stripVTControlCharacters(line));
