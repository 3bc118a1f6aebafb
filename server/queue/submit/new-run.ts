import { submitDefaults } from '../../../protocol/limits.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { Deps } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import type { JobRow, RunRow } from '../store/rows.ts';

export interface SubmitInput {
  readonly orgId: string;
  readonly body: SubmitRun;
  readonly idempotencyKey?: string | undefined;
  /** The operator's submit for a new org creates it. */
  readonly createOrg?: boolean;
  readonly retryOf?: string;
}

/** Test and target of each job of the run. */
export interface JobSpec {
  readonly testPath: string;
  readonly target: string;
}

/** The run's row as it will be stored; `n` jobs. */
export function newRun(
  deps: Deps,
  { orgId, body, idempotencyKey, retryOf }: SubmitInput,
  hash: string,
  n: number,
): RunRow {
  const now = deps.now();
  const { tests: _tests, ...settings } = body;
  const none = { scheduled: 0, running: 0, passed: 0, failed: 0, errored: 0, cancelled: 0, flaky: 0 };
  return {
    ...none,
    id: newId('run'),
    orgId,
    appVersionId: body.app_version_id,
    status: 'queued',
    conclusion: null,
    reason: null,
    waiting: body.delay_ms ? n : 0,
    queued: body.delay_ms ? 0 : n,
    attempts: 0,
    installs: 0,
    idempotencyKey: idempotencyKey ?? null,
    requestHash: idempotencyKey === undefined ? null : hash,
    settings: JSON.stringify(settings),
    failOnFlaky: body.fail_on_flaky ? 1 : 0,
    retryOf: retryOf ?? null,
    metadata: JSON.stringify(body.metadata ?? {}),
    github: body.github ? JSON.stringify(body.github) : null,
    repositoryId: body.github?.repository_id ?? '',
    ...supersedeColumns(body),
    reportBy: 'action',
    rev: 0,
    submittedAt: now,
    changedAt: now,
    startedAt: null,
    finishedAt: null,
  };
}

/** Same repository, pull request, workflow, job, check and matrix leg: what a newer commit makes pointless. */
function supersedeColumns({ github, supersede }: SubmitRun) {
  if (!github) return { supersedeKey: null, githubRunId: null, githubSha: null };
  const { repository_id, pr_number, workflow, job, check_name, leg = null } = github;
  const isOpen = supersede === true && pr_number !== undefined;
  return {
    supersedeKey: isOpen ? JSON.stringify([repository_id, pr_number, workflow, job, check_name, leg]) : null,
    githubRunId: Number(github.run_id) || null,
    githubSha: github.sha,
  };
}

/** The jobs' rows, one for each ask; the database fills in what it numbers itself. */
export function newJobs(deps: Deps, run: RunRow, body: SubmitRun, asks: readonly JobSpec[]): JobRow[] {
  const maxRetries = body.max_retries ?? deps.settings.maxRetries;
  const now = run.submittedAt;
  const common = {
    runId: run.id,
    orgId: run.orgId,
    appVersionId: run.appVersionId,
    framework: body.framework ?? '',
    priority: body.priority ?? submitDefaults.priority,
    status: body.delay_ms ? 'waiting' : 'queued',
    waitReason: body.delay_ms ? 'delay' : null,
    runAt: body.delay_ms ? now + body.delay_ms : null,
    maxRetries,
    retryFailedTests: body.retry_failed_tests ?? body.max_retries ?? submitDefaults.retryFailedTests,
    timeoutMs: body.timeout_ms ?? submitDefaults.timeoutMs,
    queueDeadline: now + (body.delay_ms ?? 0) + (body.queue_timeout_ms ?? submitDefaults.queueTimeoutMs),
    submittedAt: now,
    changedAt: now,
    ...blank,
  };
  return asks.map((ask) => ({ ...common, ...ask, id: newId('job') }));
}

const blank = {
  // Filled in by the database.
  seq: 0,
  estimateMs: 0,
  rev: 0,
  batchId: 0,
  groupId: 0,
  outcome: null,
  attempt: 0,
  failures: 0,
  reportErrors: 0,
  testFailures: 0,
  crashes: 0,
  releases: 0,
  leaseId: null,
  agentId: null,
  deviceId: null,
  avoidDevice: null,
  avoidUntil: null,
  cancelRequestedAt: null,
  error: null,
  durationMs: null,
  startedAt: null,
  finalizedAt: null,
};
