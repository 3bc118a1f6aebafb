/** The moment at which the rows are written: the clock of test queues begins there. */
const at = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

export const old = {
  org: 'acme',
  agentId: 'agt_old',
  bootId: 'boot-of-old',
  deviceIds: ['dev_old1', 'dev_old2'],
  leaseId: 'lease-of-old',
  runId: 'run_old',
  jobIds: ['job_running', 'job_scheduled', 'job_queued', 'job_waiting', 'job_passed'],
} as const;

const job = (seq: number, status: string, more: Record<string, unknown> = {}) => ({
  ...{ seq, id: `job_${status}`, run_id: old.runId, org_id: old.org, batch_id: 1, group_id: 1 },
  ...{ app_version_id: 'v1', target: 'emulator', framework: 'playwright', test_path: `${status}.spec.ts` },
  ...{ priority: 5, status, max_retries: 3, retry_failed_tests: 1, timeout_ms: hour, estimate_ms: 1000 },
  ...{ queue_deadline: at + 24 * hour, rev: seq, submitted_at: at, changed_at: at, ...more },
});

const leased = { lease_id: old.leaseId, agent_id: old.agentId, device_id: old.deviceIds[0] };

const passed = '{"total":1,"passed":1,"failed":0,"skipped":0,"flaky":0,"listed":1}';

/** What a server of the baseline had written by then: columns of later versions have the defaults of their migrations. */
export const rows: [table: string, row: Record<string, unknown>][] = [
  ['orgs', { id: old.org, active_runs: 1, created_at: at }],
  ['pools', { id: 1, owner: '', target: 'emulator', offered_at: at }],
  [
    'agents',
    {
      id: old.agentId,
      owner: '',
      name: 'old',
      boot_id: old.bootId,
      version: '0.1.0',
      registered_at: at,
      last_seen_at: at,
    },
  ],
  ...old.deviceIds.map((id, n): [string, Record<string, unknown>] => [
    'devices',
    { id, agent_id: old.agentId, name: `d${n}`, owner: '', target: 'emulator', pool_id: 1 },
  ]),
  [
    'tokens',
    { id: 'f'.repeat(24), name: 'operator', scopes: '["operator"]', hash: '0'.repeat(64), created_at: at },
  ],
  [
    'groups',
    {
      id: 1,
      org_id: old.org,
      app_version_id: 'v1',
      target: 'emulator',
      queued: 1,
      queued_ms: 1000,
      leased: 2,
    },
  ],
  [
    'runs',
    {
      ...{ id: old.runId, org_id: old.org, app_version_id: 'v1', status: 'running', settings: '{}' },
      ...{ waiting: 1, queued: 1, scheduled: 1, running: 1, passed: 1, attempts: 2, installs: 1 },
      ...{ rev: 5, submitted_at: at, changed_at: at, started_at: at },
    },
  ],
  [
    'batches',
    {
      ...{
        id: 1,
        run_id: old.runId,
        org_id: old.org,
        group_id: 1,
        target: 'emulator',
        pool_id: 1,
        source_hash: '',
      },
      ...{
        framework: 'playwright',
        priority: 5,
        weight: 5,
        tag: 1,
        due_at: at + hour,
        queued: 1,
        queued_ms: 1000,
      },
      ...{
        max_retries: 3,
        retry_failed_tests: 1,
        timeout_ms: hour,
        queue_deadline: at + 24 * hour,
        submitted_at: at,
      },
    },
  ],
  ['jobs', job(1, 'running', { ...leased, attempt: 1, started_at: at })],
  ['jobs', job(2, 'scheduled', leased)],
  ['jobs', job(3, 'queued')],
  ['jobs', job(4, 'waiting', { wait_reason: 'delay', run_at: at + hour })],
  [
    'jobs',
    job(5, 'passed', { attempt: 1, outcome: 'passed', duration_ms: 5, started_at: at, finalized_at: at }),
  ],
  ['events', { seq: 5, at, type: 'submitted', org_id: old.org, run_id: old.runId, n: 5 }],
  [
    'leases',
    {
      ...{
        id: old.leaseId,
        org_id: old.org,
        agent_id: old.agentId,
        boot_id: old.bootId,
        device_id: old.deviceIds[0],
      },
      ...{
        group_id: 1,
        run_id: old.runId,
        n_jobs: 3,
        install: 1,
        installed_at: at,
        created_at: at,
        expires_at: at + 60_000,
      },
    },
  ],
  ...(['job_running', 'job_passed'] as const).map((id): [string, Record<string, unknown>] => [
    'attempts',
    {
      ...{ job_id: id, attempt: 1, org_id: old.org, lease_id: old.leaseId, agent_id: old.agentId },
      ...{ device_id: old.deviceIds[0], started_at: at },
      ...(id === 'job_passed' && {
        finished_at: at,
        duration_ms: 5,
        verdict: 'passed',
        tests: '[]',
        report: passed,
      }),
    },
  ]),
];
