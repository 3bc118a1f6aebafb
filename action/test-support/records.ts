import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { RunRecord } from '../../report/run-record.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A job that passed at once, with the fields of `more`. */
export function makeJob(testPath: string, more: Partial<Job> = {}): Job {
  return {
    job_id: `job_${testPath}`,
    run_id: 'run_1',
    org_id: 'acme',
    app_version_id: 'v1',
    test_path: testPath,
    target: 'emulator',
    framework: null,
    priority: 5,
    status: 'passed',
    outcome: more.status === undefined ? 'passed' : null,
    wait_reason: null,
    attempt: 1,
    max_retries: 3,
    retry_failed_tests: 1,
    failures: 0,
    test_failures: 0,
    crashes: 0,
    releases: 0,
    agent_id: null,
    device_id: null,
    lease_id: null,
    submitted_at: at,
    run_at: null,
    started_at: at,
    finished_at: at,
    duration_ms: 1234,
    error: null,
    provider: null,
    tests: null,
    report: null,
    retried_tests: null,
    known_failure: null,
    known_run_id: null,
    quarantined_by: null,
    rev: 1,
    ...more,
  };
}

/** A run of these jobs, with counts that fit them. */
export function makeRecord(jobs: readonly Job[], more: Partial<Run> = {}): RunRecord {
  const count = (status: Job['status']) => jobs.filter((job) => job.status === status).length;
  return {
    jobs,
    run: {
      run_id: 'run_1',
      org_id: 'acme',
      app_version_id: 'v1',
      status: 'passed',
      conclusion: 'success',
      reason: null,
      counts: {
        waiting: count('waiting'),
        queued: count('queued'),
        scheduled: count('scheduled'),
        running: count('running'),
        passed: count('passed'),
        failed: count('failed'),
        errored: count('errored'),
        cancelled: count('cancelled'),
        flaky: jobs.filter((job) => job.outcome === 'flaky').length,
      },
      installs: 1,
      installs_saved: 0,
      install_ms: null,
      github: null,
      hunt: null,
      serves: 0,
      retry_of: null,
      passed_before: 0,
      submitted_at: at,
      started_at: '2026-01-01T00:00:02.000Z',
      finished_at: '2026-01-01T00:01:20.000Z',
      metadata: {},
      report_by: 'action',
      url: 'https://qgjob.example.com/v1/runs/run_1',
      rev: 1,
      ...more,
    },
  };
}
