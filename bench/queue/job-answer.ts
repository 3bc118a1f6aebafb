interface Submitted {
  readonly org_id?: string | undefined;
  readonly app_version_id: string;
  readonly test_path: string;
  readonly target?: string | undefined;
  readonly framework?: string | undefined;
  readonly priority?: number | undefined;
}

/** A Job with every key of our server's answer. `id`: that of a peer, or the number of the job. */
export const jobAnswer = (body: Submitted, id: string | number) => {
  const digits = String(id).padStart(22, '0');
  return {
    job_id: typeof id === 'string' ? id : `job_${digits}`,
    run_id: `run_${digits}`,
    org_id: body.org_id ?? 'bench',
    app_version_id: body.app_version_id,
    test_path: body.test_path,
    target: body.target ?? 'emulator',
    framework: body.framework ?? null,
    priority: body.priority ?? 5,
    status: 'queued',
    outcome: null,
    wait_reason: null,
    attempt: 0,
    max_retries: 3,
    retry_failed_tests: 1,
    failures: 0,
    test_failures: 0,
    crashes: 0,
    releases: 0,
    agent_id: null,
    device_id: null,
    lease_id: null,
    submitted_at: new Date().toISOString(),
    run_at: null,
    started_at: null,
    finished_at: null,
    duration_ms: null,
    error: null,
    provider: null,
    tests: null,
    report: null,
    rev: 1,
  };
};
