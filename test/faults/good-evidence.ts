import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Evidence } from './evidence.ts';
import { firstWords, type JournalLine, lastWords } from './suite.ts';

const instant = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const path = 'tests/quick-0.sh';

const makeJob = (id: string, change: Partial<Job>): Job => ({
  job_id: id,
  run_id: 'run_1',
  org_id: 'acme',
  app_version_id: 'v1',
  test_path: path,
  target: 'emulator',
  framework: 'command',
  priority: 5,
  status: 'passed',
  outcome: 'passed',
  wait_reason: null,
  attempt: 1,
  max_retries: 1,
  retry_failed_tests: 1,
  failures: 0,
  test_failures: 0,
  crashes: 0,
  releases: 0,
  agent_id: 'agt_1',
  device_id: 'dev_1',
  lease_id: null,
  submitted_at: instant(0),
  run_at: null,
  started_at: instant(10),
  finished_at: instant(11),
  duration_ms: 1000,
  error: null,
  provider: null,
  tests: null,
  report: null,
  retried_tests: null,
  known_failure: null,
  known_run_id: null,
  quarantined_by: null,
  rev: 9,
  ...change,
});

const makeAttempt = (attempt: number, change: Partial<Attempt>): Attempt => ({
  attempt,
  lease_id: 'lse_1',
  agent_id: 'agt_1',
  device_id: 'dev_1',
  started_at: instant(attempt * 10),
  finished_at: instant(attempt * 10 + 1),
  duration_ms: 1000,
  verdict: 'passed',
  error_class: null,
  error: null,
  tests: null,
  report: null,
  retried_tests: null,
  provider: null,
  ...change,
});

const lost = { verdict: 'error', error_class: 'lost' } as const;

const jobs = [
  makeJob('job_passed', {}),
  makeJob('job_flaky', { outcome: 'flaky', attempt: 2, test_failures: 1 }),
  makeJob('job_cancelled', { status: 'cancelled', outcome: 'cancelled' }),
  makeJob('job_poison', { status: 'errored', outcome: 'poison', attempt: 3, crashes: 3 }),
];

const attempts: Record<string, readonly Attempt[]> = {
  job_passed: [makeAttempt(1, {})],
  job_flaky: [makeAttempt(1, { verdict: 'failed' }), makeAttempt(2, {})],
  job_cancelled: [makeAttempt(1, { verdict: 'cancelled' })],
  job_poison: [1, 2, 3].map((attempt) => makeAttempt(attempt, lost)),
};

const run: Run = {
  run_id: 'run_1',
  org_id: 'acme',
  app_version_id: 'v1',
  status: 'errored',
  conclusion: 'failure',
  reason: 'infrastructure',
  hunt: null,
  counts: {
    waiting: 0,
    queued: 0,
    scheduled: 0,
    running: 0,
    passed: 2,
    failed: 0,
    errored: 1,
    cancelled: 1,
    flaky: 1,
  },
  installs: 1,
  installs_saved: 6,
  install_ms: 4000,
  github: null,
  serves: 0,
  retry_of: null,
  passed_before: 0,
  submitted_at: instant(0),
  started_at: instant(10),
  finished_at: instant(31),
  metadata: { key: 'key-1' },
  report_by: 'action',
  url: 'http://qgjob.test/v1/runs/run_1',
  rev: 20,
};

/** Exit codes by attempt for the journal; a killed test writes no end. */
const codes: Record<string, readonly (number | undefined)[]> = {
  job_passed: [0],
  job_flaky: [1, 0],
  job_cancelled: [undefined],
  job_poison: [undefined, undefined, undefined],
};

const journal = Object.entries(codes).flatMap(([jobId, ends]) =>
  ends.flatMap((code, n): JournalLine[] => [
    { what: 'begin', jobId, attempt: n + 1, at: 1000 * (n + 1) },
    ...(code === undefined
      ? []
      : [{ what: 'end' as const, jobId, attempt: n + 1, at: 1000 * (n + 1) + 500, code }]),
  ]),
);

const logOf = (id: string, attempt: number): string =>
  `[qgjob] ${path}, attempt ${attempt}, app version v1\n${firstWords(id, attempt)}\n${lastWords(id, attempt)}\n`;

/** Evidence of a run in which every promise was kept; tests change it. */
export const goodEvidence: Evidence = {
  jobs,
  runs: [run],
  attempts,
  logs: Object.fromEntries(
    Object.entries(attempts).flatMap(([id, list]) =>
      list.map(({ attempt }) => [`${id} ${attempt}`, { text: logOf(id, attempt) }]),
    ),
  ),
  devices: [],
  submits: [
    {
      key: 'key-1',
      tests: ['a', 'b', 'c', 'd'],
      acks: [{ runId: run.run_id, jobIds: jobs.map((job) => job.job_id) }],
      waited: { status: run.status, jobs },
    },
  ],
  cancels: [makeJob('job_cancelled', { status: 'running', outcome: null, finished_at: null, rev: 7 })],
  observations: Object.fromEntries(
    jobs.map((job) => [
      job.job_id,
      [
        { at: 500, job: makeJob(job.job_id, { status: 'queued', outcome: null, attempt: 0, rev: 3 }) },
        { at: 5000, job },
      ],
    ]),
  ),
  journal,
  leftovers: [],
  brokenRules: [],
  problems: [],
};
