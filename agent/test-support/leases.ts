import { createHash } from 'node:crypto';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';

/** The token of every agent in these tests. */
export const agentToken = 'qgj_agent_secret-of-the-agent';

/** The token of every lease that a fake server grants. */
export const leaseToken = 'qgj_lse_secret-of-the-lease';

const at = '2026-01-01T00:00:00.000Z';

/** A job as a lease contains it. Its id is made from its test path. */
export function leasedJob(testPath: string, more: Partial<LeasedJob> = {}): LeasedJob {
  return {
    job_id: `job_${testPath.replaceAll(/[^a-z0-9]/gi, '_')}`,
    run_id: 'run_1',
    org_id: 'acme',
    app_version_id: 'v1',
    test_path: testPath,
    target: 'emulator',
    framework: null,
    priority: 5,
    status: 'scheduled',
    outcome: null,
    wait_reason: null,
    attempt: 0,
    max_retries: 3,
    retry_failed_tests: 1,
    failures: 0,
    test_failures: 0,
    crashes: 0,
    releases: 0,
    agent_id: 'agt_1',
    device_id: 'dev_1',
    lease_id: null,
    submitted_at: at,
    run_at: null,
    started_at: null,
    finished_at: null,
    duration_ms: null,
    error: null,
    provider: null,
    tests: null,
    report: null,
    retried_tests: null,
    known_failure: null,
    known_run_id: null,
    quarantined_by: null,
    rev: 1,
    next_attempt: 1,
    timeout_ms: 60_000,
    ...more,
  };
}

/** A lease of these tests. The fake server that grants it sets the id that the agent chose. */
export function leaseOf(tests: readonly (string | LeasedJob)[], more: Partial<Lease> = {}): Lease {
  return {
    lease_id: 'lse_unset',
    token: leaseToken,
    org_id: 'acme',
    app_version_id: 'v1',
    target: 'emulator',
    framework: 'command',
    install: false,
    expires_at: at,
    jobs: tests.map((test) => (typeof test === 'string' ? leasedJob(test) : test)),
    ...more,
  };
}

/** What a lease says of an Android build that was uploaded. */
export const appOf = (build: Uint8Array) => ({
  platform: 'android',
  sha256: createHash('sha256').update(build).digest('hex'),
  size: build.length,
});
