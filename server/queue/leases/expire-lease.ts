import { eq } from 'drizzle-orm';
import { jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { type Ending, endAttempts } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';
import type { JobRow } from '../store/rows.ts';

const triesPerCall = 3;

/** An agent ends a test at its timeout; only one that hangs lets it run this much longer. */
export const overdueGraceMs = 60_000;

/** Which lease to take back, and when not. */
export interface Expiry {
  readonly leaseId: string;
  readonly why: string;
  /** Only when the lease ends before this moment: a heartbeat that came in between still saves it. */
  readonly before?: number;
  /**
   * Row 20: what has run past its time is judged as a timeout, since its agent is there. Counted from this instant at the
   * earliest: what a clock showed before this process started is not believed, and nobody watched the test then.
   */
  readonly overdueSince?: number;
}

/**
 * Takes a live lease back, in one write: what had not started is queued again without a penalty (row 13), what ran is
 * judged as lost (rows 11, 12, 17) or as a timeout (row 20), the device counts as empty and its agent is told. Answers
 * whether the lease was taken back.
 */
export async function expireLease(deps: Deps, expiry: Expiry): Promise<boolean> {
  const { leaseId, before = Number.MAX_SAFE_INTEGER } = expiry;
  for (let n = 0; n < triesPerCall; n += 1) {
    const held = await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId));
    // A live lease has jobs.
    if (held.length === 0) return false;
    const now = deps.now();
    const { overdueSince } = expiry;
    if (overdueSince !== undefined && !held.some((job) => isOverdue(job, overdueSince, now))) return false;
    const [expired] = await deps.sql.write(expireStatements(deps, expiry, held, now));
    if (expired?.length === 1) return true;
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

/** The write of it, for the jobs as they were read; its first statement answers a row when it holds. */
export function expireStatements(
  deps: Deps,
  expiry: Expiry,
  held: readonly JobRow[],
  now: number,
): Statement[] {
  const { leaseId, before = Number.MAX_SAFE_INTEGER } = expiry;
  const ends = held
    .filter((job) => job.status === 'running')
    .map((job) => ({
      job,
      attempt: job.attempt,
      leaseId,
      leaseState: 'expired' as const,
      ending: endingOf(job, expiry, now),
      durationMs: Math.max(0, now - (job.startedAt ?? now)),
    }));
  const { record, move } = endAttempts(ends, now, deps.random);
  const justNow = `FROM leases WHERE id = ?1 AND state = 'expired' AND ended_at = ?2`;
  return [
    markExpired(leaseId, held, now, before),
    record,
    move,
    {
      sql: `UPDATE jobs SET status = 'queued', lease_id = NULL, agent_id = NULL, device_id = NULL, changed_at = ?2
            WHERE lease_id = ?1 AND status = 'scheduled' AND (SELECT state FROM leases WHERE id = ?1) = 'expired'`,
      args: [leaseId, now],
    },
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
}

/**
 * Holds only while the lease's jobs are as they were read: none joins a lease after its take, and every change of one
 * raises its rev, so an equal count and sum mean that nothing moved.
 */
const markExpired = (leaseId: string, held: readonly JobRow[], now: number, before: number): Statement => ({
  sql: `UPDATE leases SET state = 'expired', ended_at = ?2 WHERE id = ?1 AND state = 'active' AND expires_at < ?3
          AND (SELECT count(*) FROM jobs WHERE lease_id = ?1) = ?4
          AND (SELECT coalesce(sum(rev), 0) FROM jobs WHERE lease_id = ?1) = ?5 RETURNING id`,
  args: [leaseId, now, before, held.length, held.reduce((sum, job) => sum + job.rev, 0)],
});
