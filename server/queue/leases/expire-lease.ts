import { eq } from '../../db/drizzle.ts';
import { jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { type AttemptEnd, countEnds, type Ending, endAttempts } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';
import type { JobRow } from '../store/rows.ts';
import { requeueScheduled } from './release-lease.ts';

const triesPerCall = 3;

/** An agent ends a test at its timeout; one that runs this much longer shows that the agent hangs. In ms. */
export const overdueGraceMs = 60_000;

/** Which lease to expire, why, and under which conditions. */
export interface Expiry {
  readonly leaseId: string;
  readonly why: string;
  /** Only where the lease ends before this instant: a heartbeat in between keeps it. */
  readonly before?: number;
  /**
   * Only where a test has run past its timeout; that test ends as `timeout` and not as `lost`, since its agent is
   * there (row 20). Its time counts from this instant on: before that this server did not run, and its clock was
   * perhaps wrong.
   */
  readonly overdueSince?: number;
}

/**
 * Expires a live lease, in one write: jobs that have not started are queued again without a penalty (row 13 of
 * docs/job-lifecycle.md); running ones end as `lost` (rows 11, 12, 17) or as `timeout` (row 20); the device counts as
 * empty; an event informs the agent. Answers whether the lease was expired.
 */
export async function expireLease(deps: Deps, expiry: Expiry): Promise<boolean> {
  const { leaseId, before = Number.MAX_SAFE_INTEGER } = expiry;
  for (let n = 0; n < triesPerCall; n += 1) {
    const leased = await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId));
    // A live lease has jobs.
    if (leased.length === 0) return false;
    const now = deps.now();
    const { overdueSince } = expiry;
    if (overdueSince !== undefined && !leased.some((job) => isOverdue(job, overdueSince, now))) return false;
    const expiring = expireStatements(deps, expiry, leased, now);
    const [expired] = await deps.sql.write(expiring.statements);
    if (expired?.length === 1) {
      countExpired(deps, expiring);
      return true;
    }
    const live = await deps.sql.read(
      `SELECT 1 FROM leases WHERE id = ? AND state = 'active' AND expires_at < ?`,
      [leaseId, before],
    );
    if (live.length === 0) return false;
  }
  return false;
}

const isOverdue = ({ status, startedAt, timeoutMs }: JobRow, since: number, now: number): boolean =>
  status === 'running' && startedAt !== null && Math.max(startedAt, since) + timeoutMs + overdueGraceMs < now;

function endingOf(job: JobRow, { why, overdueSince }: Expiry, now: number): Ending {
  return overdueSince !== undefined && isOverdue(job, overdueSince, now)
    ? {
        verdict: 'error',
        errorClass: 'timeout',
        error: `ran past its ${job.timeoutMs} ms, and its agent did not end it`,
      }
    : { verdict: 'error', errorClass: 'lost', error: why };
}

/** The statements that expire a lease, and the ends of its attempts. */
export interface Expiring {
  readonly expiry: Expiry;
  /** The first one answers a row where the lease was expired. */
  readonly statements: Statement[];
  readonly ends: readonly AttemptEnd[];
  readonly after: readonly JobRow[];
}

/** What expires a lease, for its jobs as they were read. */
export function expireStatements(
  deps: Deps,
  expiry: Expiry,
  leased: readonly JobRow[],
  now: number,
): Expiring {
  const { leaseId, before = Number.MAX_SAFE_INTEGER } = expiry;
  const ends = leased
    .filter((job) => job.status === 'running')
    .map((job) => ({
      job,
      attempt: job.attempt,
      leaseId,
      leaseState: 'expired' as const,
      ending: endingOf(job, expiry, now),
      durationMs: Math.max(0, now - (job.startedAt ?? now)),
    }));
  const { record, change, after } = endAttempts(ends, now, deps.random);
  const justNow = `FROM leases WHERE id = ?1 AND state = 'expired' AND ended_at = ?2`;
  const statements = [
    markExpired(leaseId, leased, now, before),
    record,
    change,
    requeueScheduled(leaseId, now, `(SELECT state FROM leases WHERE id = ?1) = 'expired'`),
    {
      sql: `UPDATE devices SET installed_group_id = NULL WHERE id = (SELECT device_id ${justNow})`,
      args: [leaseId, now],
    },
    {
      sql: `INSERT INTO events (at, type, org_id, run_id, agent_id)
            SELECT ?2, 'lease_lost', org_id, run_id, agent_id ${justNow}`,
      args: [leaseId, now],
    },
  ];
  return { expiry, statements, ends, after };
}

/** Counts an expired lease, once that is on disk. */
export function countExpired(deps: Deps, { expiry, ends, after }: Expiring): void {
  const { overdueSince, before } = expiry;
  const gone = before === undefined ? 'restarted' : 'silent';
  deps.meter.count('leasesExpired', { why: overdueSince === undefined ? gone : 'overdue' });
  countEnds(deps, ends, after);
}

/**
 * Expires the lease only while its jobs are as they were read. No job joins a lease after the take, and every change
 * of a job raises its rev; so an equal number of jobs and an equal sum of revs mean that none has changed.
 */
const markExpired = (leaseId: string, leased: readonly JobRow[], now: number, before: number): Statement => ({
  sql: `UPDATE leases SET state = 'expired', ended_at = ?2 WHERE id = ?1 AND state = 'active' AND expires_at < ?3
          AND (SELECT count(*) FROM jobs WHERE lease_id = ?1) = ?4
          AND (SELECT coalesce(sum(rev), 0) FROM jobs WHERE lease_id = ?1) = ?5 RETURNING id`,
  args: [leaseId, now, before, leased.length, leased.reduce((sum, job) => sum + job.rev, 0)],
});
