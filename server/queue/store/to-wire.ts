import { shareOf } from '../../../protocol/binomial-interval.ts';
import type { Attempt, Job } from '../../../protocol/shapes/job.ts';
import type { Run } from '../../../protocol/shapes/run.ts';
import type { AttemptRow, JobRow, RunRow } from './rows.ts';

let lastInstant = { ms: Number.NaN, text: '' };

/** Keeps the last instant: rows that are read together often share it, and to format one is slow. */
export function toInstant(ms: number): string {
  if (ms !== lastInstant.ms) lastInstant = { ms, text: new Date(ms).toISOString() };
  return lastInstant.text;
}

export const toInstantOrNull = (ms: number | null): string | null => (ms === null ? null : toInstant(ms));
const parseOrNull = (json: string | null) => (json === null ? null : JSON.parse(json));

function toQuarantinedBy(json: string | null): Job['quarantined_by'] {
  const excuses: [id: string, owner: string, endsAt: number][] | null = parseOrNull(json);
  return (
    excuses?.map(([id, owner, endsAt]) => ({ quarantine_id: id, owner, ends_at: toInstant(endsAt) })) ?? null
  );
}

/** The parts of a job that come from its attempts: the provider of the last one, tests and report merged (JSON). */
export type JobResult = Pick<AttemptRow, 'tests' | 'report' | 'provider'>;

/** A job as the API shows it; tests, report and provider only where its result is given. */
export function toJob(row: JobRow, result?: JobResult): Job {
  return {
    job_id: row.id,
    run_id: row.runId,
    org_id: row.orgId,
    app_version_id: row.appVersionId,
    test_path: row.testPath,
    target: row.target,
    framework: (row.framework || null) as Job['framework'],
    priority: row.priority,
    status: row.status as Job['status'],
    outcome: row.outcome as Job['outcome'],
    wait_reason: row.waitReason as Job['wait_reason'],
    attempt: row.attempt,
    max_retries: row.maxRetries,
    retry_failed_tests: row.retryFailedTests,
    failures: row.failures,
    test_failures: row.testFailures,
    crashes: row.crashes,
    releases: row.releases,
    agent_id: row.agentId,
    device_id: row.deviceId,
    lease_id: row.leaseId,
    submitted_at: toInstant(row.submittedAt),
    run_at: toInstantOrNull(row.runAt),
    started_at: toInstantOrNull(row.startedAt),
    finished_at: toInstantOrNull(row.finalizedAt),
    duration_ms: row.durationMs,
    error: row.error,
    provider: parseOrNull(result?.provider ?? null),
    tests: parseOrNull(result?.tests ?? null),
    report: parseOrNull(result?.report ?? null),
    retried_tests: row.retriedTests,
    known_failure: row.knownFailure === null ? null : row.knownFailure === 1,
    known_run_id: row.knownRunId,
    quarantined_by: toQuarantinedBy(row.quarantines),
    rev: row.rev,
  };
}

export function toRun(row: RunRow, publicUrl: string): Run {
  const { waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky } = row;
  return {
    run_id: row.id,
    org_id: row.orgId,
    app_version_id: row.appVersionId,
    status: row.status as Run['status'],
    conclusion: row.conclusion as Run['conclusion'],
    reason: row.reason as Run['reason'],
    counts: { waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky },
    installs: row.installs,
    installs_saved: Math.max(0, row.attempts - row.installs),
    install_ms: row.installMs,
    serves: row.serves,
    retry_of: row.retryOf,
    passed_before: row.passedBefore,
    submitted_at: toInstant(row.submittedAt),
    started_at: toInstantOrNull(row.startedAt),
    finished_at: toInstantOrNull(row.finishedAt),
    metadata: JSON.parse(row.metadata),
    github: parseOrNull(row.github),
    report_by: row.reportBy as Run['report_by'],
    hunt: huntOf(row),
    url: `${publicUrl}/v1/runs/${row.id}`,
    rev: row.rev,
  };
}

function huntOf({ huntTimes: times, passed, failed, quarantineId }: RunRow): Run['hunt'] {
  if (times === null) return null;
  const observed = passed + failed;
  const { low = null, high = null } = shareOf(failed, observed) ?? {};
  return { times, observed, failed, low, high, quarantine_id: quarantineId };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    attempt: row.attempt,
    lease_id: row.leaseId,
    agent_id: row.agentId,
    device_id: row.deviceId,
    started_at: toInstant(row.startedAt),
    finished_at: toInstantOrNull(row.finishedAt),
    duration_ms: row.durationMs,
    verdict: row.verdict as Attempt['verdict'],
    error_class: row.errorClass as Attempt['error_class'],
    error: row.error,
    tests: parseOrNull(row.tests),
    report: parseOrNull(row.report),
    retried_tests: row.retriedTests,
    provider: parseOrNull(row.provider),
  };
}
