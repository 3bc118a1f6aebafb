import type { Statement } from '../../db/statement.ts';
import { huntPriority } from '../store/hunt-priority.ts';
import type { JobRow } from '../store/rows.ts';
import type { AttemptEnd } from './end-attempts.ts';

// Only attempts that this same write has recorded: a verdict that came too late teaches nothing. SEARCH a USING INDEX
// sqlite_autoindex_attempts_1 (job_id=? AND attempt=?), SEARCH runs and d USING their primary keys
const recorded = (
  join = '',
) => `FROM json_each(?1) i CROSS JOIN attempts a ON a.job_id = i.value ->> 0 AND a.attempt = i.value ->> 1 ${join}
  WHERE a.lease_id = i.value ->> 2 AND a.finished_at = ?2 AND a.by_server = 0 AND a.verdict IN ('passed', 'failed')`;

// The duration of an attempt that ran some tests alone is not that of the file.
const wasWhole = 'a.retried_tests IS NULL';
const duration = `iif(${wasWhole}, a.duration_ms, coalesce((SELECT d.p80_ms FROM durations d WHERE d.org_id = a.org_id
    AND d.repository_id = r.repository_id AND d.target = i.value ->> 3 AND d.test_path = i.value ->> 4), a.duration_ms))`;

const testsSql = `INSERT INTO durations (org_id, repository_id, target, test_path, p80_ms, failed_at, changed_at)
  SELECT a.org_id, r.repository_id, i.value ->> 3, i.value ->> 4, ${duration}, i.value ->> 6, ?2
  ${recorded('CROSS JOIN runs r ON r.id = i.value ->> 5')}
  ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at,
    failed_at = iif(excluded.failed_at = 0, failed_at, excluded.failed_at),
    p80_ms = CAST(p80_ms + (excluded.p80_ms - p80_ms) * iif(excluded.p80_ms > p80_ms, 0.5, 0.125) AS INTEGER)`;

const orgsSql = `UPDATE orgs SET mean_test_ms = CAST(coalesce(mean_test_ms + (f.ms - mean_test_ms) * 0.1, f.ms) AS INTEGER)
  FROM (SELECT a.org_id AS org, avg(a.duration_ms) AS ms ${recorded()} AND ${wasWhole} GROUP BY 1) f WHERE orgs.id = f.org`;

/**
 * Learns from files that passed or failed, after their attempts were recorded in the same write; `after` are their jobs
 * as they are then. Per test and target: a running 0.8-expectile of the duration, which four of five runs stay near or
 * under, and which leans to the last runs, since tests grow; and whether its last finished run failed. Per org: a running
 * mean, for tests that are new.
 */
export function learnHistory(
  ends: readonly AttemptEnd[],
  after: readonly JobRow[],
  now: number,
): Statement[] {
  const results = ends.flatMap(({ job, attempt, leaseId, ending }, index) => {
    if (ending.verdict !== 'passed' && ending.verdict !== 'failed') return [];
    const failedAt = failedAtOf(after[index], now);
    return [[job.id, attempt, leaseId, job.target, job.testPath, job.runId, failedAt]];
  });
  if (results.length === 0) return [];
  const args = [JSON.stringify(results), now];
  return [
    { sql: testsSql, args },
    { sql: orgsSql, args },
  ];
}

/** 0: the run of the test goes on, or ended without a result of it. */
function failedAtOf({ status, priority }: Partial<JobRow> = {}, now: number): number | null {
  // A hunt is there to find failures: it says nothing of what the next run should run first.
  if (priority === huntPriority) return 0;
  if (status === 'passed') return null;
  return status === 'failed' ? now : 0;
}
