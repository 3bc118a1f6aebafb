import { submitDefaults } from '../../../protocol/limits.ts';
import type { Run, SubmitRun } from '../../../protocol/shapes/run.ts';
import type { Actor } from '../store/audit-line.ts';
import type { Deps } from '../store/deps.ts';
import { huntPriority } from '../store/hunt-priority.ts';
import { newId } from '../store/new-id.ts';
import type { JobRow, RunRow } from '../store/rows.ts';
import { sourceHash } from '../store/source-hash.ts';
import { blankJob } from './blank-job.ts';
import { branchColumns, repositoryOf } from './branch-keys.ts';
import { commentKey } from './comment-key.ts';
import { rerunColumns } from './rerun-key.ts';
import { supersedeColumns } from './supersede-older.ts';

export interface SubmitInput {
  readonly orgId: string;
  readonly body: SubmitRun;
  readonly idempotencyKey?: string | undefined;
  /** The operator's submit for a new org creates the org. */
  readonly createOrg?: boolean;
  readonly retryOf?: string;
  /** `github` where GitHub's OIDC proves what `body.github` says, else the id of the token. */
  readonly submittedBy?: string;
  /** The run is cancelled when this watcher (`watcherOf`) is gone; undefined: it goes on. */
  readonly watchedBy?: string | undefined;
  /** Who tells GitHub. By default the Action. */
  readonly reportBy?: Run['report_by'];
  /** Undefined: nobody asked for it, the server does it by itself. */
  readonly audited?: AuditedSubmit | undefined;
  /** Of a hunt that the server begins by itself. */
  readonly huntOf?: { readonly quarantineId: string; readonly repositoryId: string };
}

/** What the audit log says of a submit. */
export interface AuditedSubmit {
  readonly by: Actor;
  readonly action: 'run.submitted' | 'run.retried' | 'job.retried';
  /** The run or the job that is tried again. */
  readonly of?: string;
}

/** Test path and target of one job of the run. */
export interface JobSpec {
  readonly testPath: string;
  readonly target: string;
}

/** How a submit goes on with what an earlier attempt of the same GitHub job has left. */
export interface Rerun {
  readonly retryOf: string;
  /** The jobs that run: what did not pass, or everything where all of it passed. */
  readonly specs: readonly JobSpec[];
  /** How many others passed in an earlier attempt. */
  readonly passedBefore: number;
}

/** A submit before the database is read. */
export interface Submit {
  readonly input: SubmitInput;
  /** Equal for equal submits: a key that comes again must come with the same one. */
  readonly hash: string;
  readonly specs: readonly JobSpec[];
  /** Where it goes on with an earlier attempt. */
  readonly rerun?: Rerun | undefined;
  readonly ends?: string | undefined;
  /** What the submitter should know of that. */
  readonly warnings?: readonly string[];
}

/** A submit that may be stored. */
export interface CheckedSubmit {
  readonly submit: Submit;
  /** Its targets that no device has ever offered. */
  readonly neverOffered: readonly string[];
}

/** A run that is about to be stored, with its jobs in order. */
export interface NewRun {
  readonly run: RunRow;
  readonly jobs: readonly JobRow[];
  readonly createOrg: boolean;
  readonly sourceHash: string;
  /** The run of an earlier attempt, which is cancelled. */
  readonly ends?: string | undefined;
  /** There is a test without any history, neither its own nor of its org. */
  readonly isGuessed: boolean;
  /** Targets that no device has ever offered, and for which the jobs wait a short time only. */
  readonly neverOffered: readonly string[];
  /** Each of its jobs gets a lease of its own: after one that failed its device is held as it is. */
  readonly isLone: boolean;
}

/** Its test is executed again and again, on devices that have nothing else to do. */
const isHunt = (body: SubmitRun): boolean => body.hunt_times !== undefined;

/** The rows that a submit stores, without estimates, and as if devices had offered all targets. */
export function newRun(deps: Deps, submit: Submit): NewRun {
  const { input } = submit;
  const run = runRow(deps, submit);
  return {
    run,
    jobs: jobRows(deps, run, submit),
    createOrg: input.createOrg ?? false,
    isGuessed: true,
    isLone: input.body.hold_minutes !== undefined || isHunt(input.body),
    neverOffered: [],
    sourceHash: sourceHash(input.body),
    ends: submit.ends,
  };
}

function runRow(deps: Deps, { input, hash, specs: all, rerun }: Submit): RunRow {
  const { orgId, body, idempotencyKey, retryOf, submittedBy = '' } = input;
  const now = deps.now();
  const specs = rerun?.specs ?? all;
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
    waiting: body.delay_ms ? specs.length : 0,
    queued: body.delay_ms ? 0 : specs.length,
    attempts: 0,
    installs: 0,
    installMs: null,
    serves: 0,
    idempotencyKey: idempotencyKey ?? null,
    requestHash: idempotencyKey === undefined ? null : hash,
    settings: JSON.stringify(settings),
    failOnFlaky: body.fail_on_flaky ? 1 : 0,
    failOnNew: body.fail_on === 'new' ? 1 : 0,
    maxFailures: body.max_failures ?? null,
    huntTimes: body.hunt_times ?? null,
    quarantineId: input.huntOf?.quarantineId ?? null,
    retryOf: rerun?.retryOf ?? retryOf ?? null,
    metadata: JSON.stringify(body.metadata ?? {}),
    github: body.github ? JSON.stringify(body.github) : null,
    repositoryId: input.huntOf?.repositoryId ?? repositoryOf(body),
    submittedBy,
    ...supersedeColumns(body, submittedBy),
    ...branchColumns(body, submittedBy, retryOf),
    ...rerunColumns(body, submittedBy, retryOf),
    commentKey: commentKey(body, input.reportBy),
    passedBefore: rerun?.passedBefore ?? 0,
    reportBy: input.reportBy ?? 'action',
    rev: 0,
    submittedAt: now,
    changedAt: now,
    startedAt: null,
    finishedAt: null,
    evidencePrunedAt: null,
  };
}

function jobRows(deps: Deps, run: RunRow, { input: { body }, specs: all, rerun }: Submit): JobRow[] {
  const specs = rerun?.specs ?? all;
  const maxRetries = body.max_retries ?? deps.settings.maxRetries;
  const now = run.submittedAt;
  const common = {
    runId: run.id,
    orgId: run.orgId,
    appVersionId: run.appVersionId,
    framework: body.framework ?? '',
    priority: isHunt(body) ? huntPriority : (body.priority ?? submitDefaults.priority),
    status: body.delay_ms ? 'waiting' : 'queued',
    waitReason: body.delay_ms ? 'delay' : null,
    runAt: body.delay_ms ? now + body.delay_ms : null,
    maxRetries,
    // Each execution of a hunt is one observation.
    retryFailedTests: isHunt(body)
      ? 0
      : (body.retry_failed_tests ?? body.max_retries ?? submitDefaults.retryFailedTests),
    timeoutMs: body.timeout_ms ?? submitDefaults.timeoutMs,
    queueDeadline: now + (body.delay_ms ?? 0) + (body.queue_timeout_ms ?? submitDefaults.queueTimeoutMs),
    submittedAt: now,
    changedAt: now,
    ...blankJob,
  };
  return specs.map((spec) => ({ ...common, ...spec, id: newId('job') }));
}
