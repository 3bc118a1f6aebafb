import type { Statement } from '../../db/statement.ts';

/** A test that ran to its verdict on a target: which attempt says so, and of what it was. */
export interface Lasted {
  readonly jobId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly leaseId: string;
  readonly target: string;
  readonly testPath: string;
}

// Only what this same write has recorded teaches: a verdict that came too late left no trace. SEARCH a USING INDEX
// sqlite_autoindex_attempts_1 (job_id=? AND attempt=?), SEARCH runs USING its primary key
const recorded = `FROM json_each(?1) i CROSS JOIN attempts a ON a.job_id = i.value ->> 0 AND a.attempt = i.value ->> 1
  WHERE a.lease_id = i.value ->> 2 AND a.finished_at = ?2 AND a.by_server = 0 AND a.verdict IN ('passed', 'failed')`;

/**
 * Learns from tests that ended, after their attempts were recorded in the same write: a running 0.8-expectile per test and
 * target (four of five runs stay near or under it; it leans to the last ones, as tests grow), and a running mean per org
 * for tests that are new.
 */
export function learnDurations(lasted: readonly Lasted[], now: number): Statement[] {
  if (lasted.length === 0) return [];
  const json = JSON.stringify(
    lasted.map((one) => [one.jobId, one.attempt, one.leaseId, one.target, one.testPath, one.runId]),
  );
  return [
    {
      sql: `INSERT INTO durations (org_id, repository_id, target, test_path, p80_ms, changed_at)
            SELECT a.org_id, (SELECT repository_id FROM runs WHERE id = i.value ->> 5), i.value ->> 3, i.value ->> 4, a.duration_ms, ?2 ${recorded}
            ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at, p80_ms = CAST(p80_ms +
              (excluded.p80_ms - p80_ms) * iif(excluded.p80_ms > p80_ms, 0.5, 0.125) AS INTEGER)`,
      args: [json, now],
    },
    {
      sql: `UPDATE orgs SET mean_test_ms = CAST(coalesce(mean_test_ms + (f.ms - mean_test_ms) * 0.1, f.ms) AS INTEGER)
            FROM (SELECT a.org_id AS org, avg(a.duration_ms) AS ms ${recorded} GROUP BY 1) f WHERE orgs.id = f.org`,
      args: [json, now],
    },
  ];
}
