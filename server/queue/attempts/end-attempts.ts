import { isFinal, type JobStatus } from '../../../protocol/states.ts';
import { bulkSql, bulkValues, toBulkParameter } from '../../db/bulk-parameters.ts';
import type { Statement } from '../../db/statement.ts';
import { lastEventSql } from '../store/read-events.ts';
import type { JobRow } from '../store/rows.ts';
import { type Change, type Ending, nextJobState } from './next-job-state.ts';

/** What the base branch says about the failures of a job. */
export interface Compared {
  readonly isKnown: boolean;
  /** The run of the base branch that it was compared with. */
  readonly runId: string;
}

/** A quarantine as a job keeps it: its id, its owner, and when it ends by what was known as the job failed, epoch ms. */
export type Excuse = readonly [id: string, owner: string, endsAt: number];

/** An attempt that ends now. */
export interface AttemptEnd {
  readonly job: JobRow;
  /** The number of the attempt; one more than the job's where the start was lost. */
  readonly attempt: number;
  readonly leaseId: string;
  /** The state that the lease must have: active for a verdict of its agent, expired where the server ends it. */
  readonly leaseState: 'active' | 'expired';
  readonly ending: Ending;
  readonly durationMs: number | null;
  readonly tests?: string | null;
  readonly report?: string | null;
  readonly provider?: string | null;
  /** How many tests it ran, where it ran a selection. */
  readonly retriedTests?: number | null;
  /** The ids of the tests that a next attempt has to run (JSON). */
  readonly only?: string | null;
  /** Tests and report merged with those of earlier attempts (JSON), where these are not its own. */
  readonly mergedTests?: string | null;
  readonly mergedReport?: string | null;
  /** Where this ends the job as failed: what the base branch says about that. */
  readonly compared?: Compared | undefined;
  /** The same: the quarantines that excuse it. */
  readonly excuses?: readonly Excuse[] | undefined;
}

/** How long a job avoids the device on which its attempt ended, ms. */
export const avoidMs = 60_000;

/** The values of each end in the parameter of the second statement, in this order. */
const changeFields = [
  ...['seq', 'leaseId', 'leaseState', 'wasAttempt', 'wasStatus', 'wasFlagged', 'retriedTests'],
  ...[
    'status',
    'outcome',
    'waitReason',
    'runAt',
    'attempt',
    'failures',
    'reportErrors',
    'testFailures',
    'crashes',
    'releases',
  ],
  ...[
    'startedAt',
    'durationMs',
    'error',
    'avoidDevice',
    'avoidUntil',
    'finalizedAt',
    'agentId',
    'deviceId',
    'knownFailure',
    'knownRunId',
    'quarantines',
  ],
] as const;

/** Those of the first one: what an attempt found may be long, and goes to the database once. */
const recordFields = [
  ...changeFields,
  ...['verdict', 'errorClass', 'tests', 'report', 'provider', 'only', 'mergedTests', 'mergedReport'],
] as const;
type Item = Record<(typeof recordFields)[number], string | number | null>;

// The places of `changeFields` are the same in both.
const item = bulkValues(recordFields);

// The fence: the job as it was read, still in this lease and attempt, with the same status and cancel flag.
const fenceOn = (
  job: 'j' | 'jobs',
) => `(SELECT state FROM leases WHERE id = ${job}.lease_id) = ${item('leaseState')}
  AND ${job}.lease_id = ${item('leaseId')} AND ${job}.attempt = ${item('wasAttempt')}
  AND ${job}.status = ${item('wasStatus')} AND (${job}.cancel_requested_at IS NOT NULL) = (${item('wasFlagged')})`;

/** The attempt's row is made here where its start was lost. An attempt takes one verdict only. */
const recordSql = `${bulkSql} INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at, finished_at,
    duration_ms, verdict, by_server, error_class, error, tests, report, provider,
    retried_tests, only, merged_tests, merged_report)
  SELECT j.id, ${item('attempt')}, j.org_id, j.lease_id, j.agent_id, j.device_id,
    CASE WHEN j.status = 'running' THEN j.started_at ELSE ?2 - coalesce(${item('durationMs')}, 0) END, ?2,
    ${item('durationMs')}, ${item('verdict')}, ${item('leaseState')} = 'expired', ${item('errorClass')}, ${item('error')},
    ${item('tests', 'report', 'provider', 'retriedTests', 'only', 'mergedTests', 'mergedReport')}
  FROM i CROSS JOIN jobs j ON j.seq = ${item('seq')} WHERE ${fenceOn('j')}
  ON CONFLICT (job_id, attempt) DO UPDATE SET finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
    verdict = excluded.verdict, by_server = excluded.by_server, error_class = excluded.error_class, error = excluded.error, tests = excluded.tests,
    report = excluded.report, provider = excluded.provider, retried_tests = excluded.retried_tests, only = excluded.only,
    merged_tests = excluded.merged_tests, merged_report = excluded.merged_report
  WHERE verdict IS NULL`;

/** Each job gets a rev above all earlier ones. */
const changeSql = `${bulkSql} UPDATE jobs SET
    status = ${item('status')}, outcome = ${item('outcome')}, wait_reason = ${item('waitReason')},
    run_at = ${item('runAt')}, attempt = ${item('attempt')}, failures = ${item('failures')},
    report_errors = ${item('reportErrors')}, test_failures = ${item('testFailures')}, crashes = ${item('crashes')}, releases = ${item('releases')},
    started_at = ${item('startedAt')}, duration_ms = ${item('durationMs')}, retried_tests = ${item('retriedTests')}, error = ${item('error')},
    avoid_device = ${item('avoidDevice')}, avoid_until = ${item('avoidUntil')}, changed_at = ?2,
    finalized_at = ${item('finalizedAt')}, lease_id = NULL, agent_id = ${item('agentId')}, device_id = ${item('deviceId')},
    known_failure = ${item('knownFailure')}, known_run_id = ${item('knownRunId')},
    quarantines = ${item('quarantines')}, rev = ${lastEventSql} + 1 + i.key
  FROM i WHERE jobs.seq = ${item('seq')} AND ${fenceOn('jobs')}
  RETURNING seq, rev`;

/** The statements that end attempts, and the jobs after them, still with their old rev. */
export interface EndedAttempts {
  readonly record: Statement;
  /** Answers seq and rev of the jobs that changed. */
  readonly change: Statement;
  readonly after: readonly JobRow[];
}

/**
 * The two statements that end attempts: one for the rows of the attempts, then one for the jobs. Both change a job
 * only while it is as it was read. The second answers the jobs that changed; a job that is missing there must be read
 * and tried again.
 */
export function endAttempts(ends: readonly AttemptEnd[], now: number, random: () => number): EndedAttempts {
  const after = ends.map((end) => afterEnd(end, nextJobState(end.job, end.ending, now, random()), now));
  const items = ends.map((end, index) => toItem(end, after[index] ?? end.job));
  return {
    record: { sql: recordSql, args: [toBulkParameter(recordFields, items), now] },
    change: { sql: changeSql, args: [toBulkParameter(changeFields, items), now] },
    after,
  };
}

/** The job after this end of its attempt. */
function afterEnd(
  { job, attempt, durationMs, retriedTests = null, compared, excuses }: AttemptEnd,
  { avoid, ...change }: Change,
  now: number,
): JobRow {
  const isOver = isFinal(change.status as JobStatus);
  const known = change.status === 'failed' ? compared : undefined;
  return {
    ...job,
    ...change,
    attempt,
    durationMs,
    retriedTests,
    knownFailure: known ? Number(known.isKnown) : null,
    knownRunId: known?.runId ?? null,
    quarantines: change.status === 'failed' && excuses ? JSON.stringify(excuses) : null,
    startedAt: job.status === 'running' ? job.startedAt : now,
    avoidDevice: avoid ? job.deviceId : null,
    avoidUntil: avoid ? now + avoidMs : null,
    changedAt: now,
    finalizedAt: isOver ? now : null,
    leaseId: null,
    agentId: isOver ? job.agentId : null,
    deviceId: isOver ? job.deviceId : null,
  };
}

const toItem = (end: AttemptEnd, after: JobRow): Item => ({
  ...after,
  leaseId: end.leaseId,
  leaseState: end.leaseState,
  wasAttempt: end.job.attempt,
  wasStatus: end.job.status,
  wasFlagged: end.job.cancelRequestedAt === null ? 0 : 1,
  verdict: end.ending.verdict,
  errorClass: end.ending.errorClass ?? null,
  tests: end.tests ?? null,
  report: end.report ?? null,
  provider: end.provider ?? null,
  only: end.only ?? null,
  mergedTests: end.mergedTests ?? null,
  mergedReport: end.mergedReport ?? null,
});
