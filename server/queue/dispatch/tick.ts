import type { Statement } from '../../db/statement.ts';
import { isOffered, readClocks, writeClocks } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';

const rowsPerTick = 500;

/**
 * Queues the jobs whose wait is over (row 2 of docs/job-lifecycle.md); answers how many. SEARCH jobs USING INDEX
 * jobs_wait (run_at<?).
 */
export async function queueDue(deps: Deps): Promise<number> {
  const due = await deps.sql.read(`SELECT 1 FROM jobs WHERE status = 'waiting' AND run_at <= ? LIMIT 1`, [
    deps.now(),
  ]);
  if (due.length === 0) return 0;
  const clocks = await clocksOfDue(deps);
  const results = await deps.sql.write([
    ...clocks,
    {
      sql: `UPDATE jobs SET status = 'queued', wait_reason = NULL, run_at = NULL, changed_at = ?1
            WHERE seq IN (SELECT seq FROM jobs WHERE status = 'waiting' AND run_at <= ?1 ORDER BY run_at LIMIT ?2)
            RETURNING seq`,
      args: [deps.now(), rowsPerTick],
    },
  ]);
  return results[clocks.length]?.length ?? 0;
}

/** Writes the clocks of the pools in which delayed batches begin now: a trigger ranks those batches by the clock. */
async function clocksOfDue(deps: Deps): Promise<Statement[]> {
  const rows = await deps.sql.read(
    `SELECT owner, target FROM pools p WHERE id IN (SELECT pool_id FROM batches b WHERE b.run_at IS NOT NULL AND b.id IN (
       SELECT batch_id FROM jobs WHERE status = 'waiting' AND run_at <= ? ORDER BY run_at LIMIT ?))`,
    [deps.now(), rowsPerTick],
  );
  const pools = rows.map((row) => ({ owner: String(row.owner), target: String(row.target) }));
  return writeClocks(await readClocks(deps, pools));
}

const isLate = `status IN ('waiting', 'queued') AND queue_deadline < ?1`;
const lateJobs = `(SELECT seq FROM jobs WHERE ${isLate}
  ORDER BY queue_deadline LIMIT ?2)`;

/** The job has the short deadline of a target that no device had offered at the submit. */
const hasShortDeadline = 'b.id = jobs.batch_id AND b.unoffered_until = jobs.queue_deadline';

/** A device has offered the target of the batch `b` by now. */
const isOfferedNow = isOffered('b.org_id', 'b.target');

/** Jobs whose target was offered while they waited get the deadline of all other jobs. */
const extendLate = `UPDATE jobs SET queue_deadline = b.queue_deadline FROM batches b
  WHERE jobs.seq IN ${lateJobs} AND ${hasShortDeadline} AND ${isOfferedNow}`;

/**
 * Ends the jobs that no device took in time (row 19 of docs/job-lifecycle.md); answers how many. A job is failed
 * where its test has failed before, else errored: as `no_device` where no device has ever offered its target. SEARCH
 * jobs USING INDEX jobs_expire (queue_deadline<?).
 */
export async function expireQueued(deps: Deps): Promise<number> {
  const late = await deps.sql.read(`SELECT 1 FROM jobs WHERE ${isLate} LIMIT 1`, [deps.now()]);
  if (late.length === 0) return 0;
  const args = [deps.now(), rowsPerTick];
  const [, expired] = await deps.sql.write([
    { sql: extendLate, args },
    {
      sql: `UPDATE jobs SET wait_reason = NULL, run_at = NULL, changed_at = ?1, finalized_at = ?1,
              (status, outcome, error) = (SELECT
                iif(jobs.test_failures > 0, 'failed', 'errored'),
                CASE WHEN jobs.test_failures > 0 THEN 'failed' WHEN b.id IS NULL THEN 'expired_in_queue' ELSE 'no_device' END,
                coalesce(jobs.error, iif(b.id IS NULL, 'no device took the job before its queue timeout',
                  'no device has ever offered ' || jobs.target || ': start an agent with a device of this target, or mend the target'))
                FROM (SELECT 1) LEFT JOIN batches b ON ${hasShortDeadline})
            WHERE seq IN ${lateJobs}
              AND NOT EXISTS (SELECT 1 FROM batches b WHERE ${hasShortDeadline} AND ${isOfferedNow}) RETURNING seq`,
      args,
    },
  ]);
  return expired?.length ?? 0;
}

/** The pools with queued jobs, or in which somebody waits for a device. Their idle devices choose again, since the choice may change with time alone. */
export async function poolsWithWork(deps: Deps): Promise<number[]> {
  const rows = await deps.sql.read(
    'SELECT p.id FROM pools p WHERE EXISTS (SELECT 1 FROM batches b WHERE b.pool_id = p.id AND b.queued > 0)' +
      ' OR EXISTS (SELECT 1 FROM batches b WHERE b.pool_id = p.id AND b.hunted > 0)' +
      " OR EXISTS (SELECT 1 FROM borrows w WHERE w.pool_id = p.id AND w.status = 'waiting')",
  );
  return rows.map((row) => Number(row.id));
}
