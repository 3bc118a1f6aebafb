import { isFinal, type JobStatus } from '../../protocol/states.ts';
import type { Statement } from '../db/gate.ts';
import { type Change, type Ending, judge } from './judge.ts';
import type { JobRow } from './rows.ts';

/** An attempt that ends now: who says so, how, and what it left. */
export interface AttemptEnd {
  readonly job: JobRow;
  /** The attempt's number; one above the job's when its start was lost. */
  readonly attempt: number;
  readonly leaseId: string;
  /** The state that the lease must have: its own agent judges while it lives, the rescuer just expired it. */
  readonly leaseState: 'active' | 'expired';
  readonly ending: Ending;
  readonly durationMs: number | null;
  readonly tests?: string | null;
  readonly provider?: string | null;
}

const avoidMs = 60_000;

// The fence: the job as it was judged, still in this lease, in this attempt, with the cancel flag as it was.
const fenceOn = (
  job: 'j' | 'jobs',
) => `(SELECT state FROM leases WHERE id = ${job}.lease_id) = i.value ->> 'leaseState'
  AND ${job}.lease_id = i.value ->> 'leaseId' AND ${job}.attempt = i.value ->> 'wasAttempt'
  AND ${job}.status = i.value ->> 'wasStatus'
  AND (${job}.cancel_requested_at IS NOT NULL) = (i.value ->> 'wasFlagged')`;

const item = (name: string) => `i.value ->> '${name}'`;

/** Finish implies start: the attempt's row is made where its start was lost. One verdict per attempt. */
const recordSql = `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at, finished_at,
    duration_ms, verdict, by_server, error_class, error, tests, provider)
  SELECT j.id, ${item('attempt')}, j.org_id, j.lease_id, j.agent_id, j.device_id, 
    CASE WHEN j.status = 'running' THEN j.started_at ELSE ?2 - coalesce(${item('durationMs')}, 0) END, ?2,
    ${item('durationMs')}, ${item('verdict')}, ${item('leaseState')} = 'expired', ${item('errorClass')}, ${item('error')}, ${item('tests')}, ${item('provider')}
  FROM json_each(?1) i CROSS JOIN jobs j ON j.id = ${item('jobId')} WHERE ${fenceOn('j')}
  ON CONFLICT (job_id, attempt) DO UPDATE SET finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
    verdict = excluded.verdict, by_server = excluded.by_server, error_class = excluded.error_class, error = excluded.error, tests = excluded.tests,
    provider = excluded.provider
  WHERE verdict IS NULL`;

const moveSql = `UPDATE jobs SET
    status = ${item('status')}, outcome = ${item('outcome')}, wait_reason = ${item('waitReason')},
    run_at = ${item('runAt')}, attempt = ${item('attempt')}, failures = ${item('failures')},
    test_failures = ${item('testFailures')}, crashes = ${item('crashes')}, releases = ${item('releases')},
    started_at = CASE WHEN jobs.status = 'running' THEN jobs.started_at ELSE ?2 END, duration_ms = ${item('durationMs')}, error = ${item('error')},
    avoid_device = ${item('avoidDevice')}, avoid_until = ${item('avoidUntil')}, changed_at = ?2,
    finalized_at = ${item('finalizedAt')}, lease_id = NULL,
    agent_id = CASE WHEN ${item('finalizedAt')} IS NOT NULL THEN jobs.agent_id END,
    device_id = CASE WHEN ${item('finalizedAt')} IS NOT NULL THEN jobs.device_id END
  FROM json_each(?1) i WHERE jobs.id = ${item('jobId')} AND ${fenceOn('jobs')}
  RETURNING id`;

/**
 * The two statements that end attempts: the attempts' rows, then the jobs'. Both hold only while each job is as it was
 * read; the second answers the ids that moved, and a job that is missing there must be read and judged again.
 */
export function endAttempts(
  ends: readonly AttemptEnd[],
  now: number,
  random: () => number,
): [record: Statement, move: Statement] {
  const items = JSON.stringify(
    ends.map((end) => toItem(end, judge(end.job, end.ending, now, random()), now)),
  );
  return [
    { sql: recordSql, args: [items, now] },
    { sql: moveSql, args: [items, now] },
  ];
}

function toItem(end: AttemptEnd, change: Change, now: number) {
  const { avoid, ...columns } = change;
  return {
    ...columns,
    jobId: end.job.id,
    leaseId: end.leaseId,
    leaseState: end.leaseState,
    wasAttempt: end.job.attempt,
    wasStatus: end.job.status,
    wasFlagged: end.job.cancelRequestedAt === null ? 0 : 1,
    attempt: end.attempt,
    durationMs: end.durationMs,
    verdict: end.ending.verdict,
    errorClass: end.ending.errorClass ?? null,
    tests: end.tests ?? null,
    provider: end.provider ?? null,
    avoidDevice: avoid ? end.job.deviceId : null,
    avoidUntil: avoid ? now + avoidMs : null,
    finalizedAt: isFinal(change.status as JobStatus) ? now : null,
  };
}
