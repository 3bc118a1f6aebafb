import type { Statement } from '../db/gate.ts';
import type { JobRow, RunRow } from './rows.ts';

const lastEvent = '(SELECT coalesce(max(seq), 0) FROM events)';

export const insertGroups = (run: RunRow, targets: string): Statement => ({
  sql: `INSERT INTO groups (org_id, app_version_id, target)
        SELECT ?, ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  args: [run.orgId, run.appVersionId, targets],
});

export const insertPools = (targets: string): Statement => ({
  sql: `INSERT INTO pools (owner, target) SELECT '', value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
  args: [targets],
});

export function insertRun(run: RunRow): Statement {
  return {
    sql: `INSERT INTO runs (id, org_id, app_version_id, waiting, queued, idempotency_key, request_hash, settings,
            fail_on_flaky, retry_of, metadata, github, report_by, submitted_at, changed_at, supersede_key, github_run_id,
            github_sha)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      run.id,
      run.orgId,
      run.appVersionId,
      run.waiting,
      run.queued,
      run.idempotencyKey,
      run.requestHash,
      run.settings,
      run.failOnFlaky,
      run.retryOf,
      run.metadata,
      run.github,
      run.reportBy,
      run.submittedAt,
      run.changedAt,
      run.supersedeKey,
      run.githubRunId,
      run.githubSha,
    ],
  };
}

interface BatchValues {
  /** JSON array. */
  readonly targets: string;
  readonly sourceHash: string;
  readonly framework: string;
  readonly priority: number;
  readonly tag: number;
  /** An agent heard at or after this instant is online. */
  readonly onlineSince: number;
}

/** One batch per target, in the org's own pool where that has a device online, else in the shared one. */
export const insertBatches = (run: RunRow, batch: BatchValues): Statement => ({
  sql: `INSERT INTO batches (run_id, org_id, group_id, pool_id, source_hash, framework, priority, tag, submitted_at)
        SELECT ?1, ?2, g.id,
          coalesce(
            (SELECT p.id FROM pools p CROSS JOIN devices d ON d.pool_id = p.id AND d.listed = 1
               CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ?9
             WHERE p.owner = ?2 AND p.target = t.value LIMIT 1),
            (SELECT id FROM pools WHERE owner = '' AND target = t.value)),
          ?4, ?5, ?6, ?7, ?8
        FROM json_each(?10) t CROSS JOIN groups g ON g.org_id = ?2 AND g.app_version_id = ?3 AND g.target = t.value`,
  args: [
    run.id,
    run.orgId,
    run.appVersionId,
    batch.sourceHash,
    batch.framework,
    batch.priority,
    batch.tag,
    run.submittedAt,
    batch.onlineSince,
    batch.targets,
  ],
});

/**
 * All jobs in one statement: the settings that they share are bound once, the rest comes as JSON. The counters follow
 * set-wise; an INSERT trigger would cost each row three updates.
 */
export function insertJobs(run: RunRow, jobs: readonly JobRow[]): Statement[] {
  const [first] = jobs;
  if (!first) return [];
  const rows = JSON.stringify(jobs.map((job) => [job.id, job.testPath, job.target, job.estimateMs]));
  return [
    {
      sql: `INSERT INTO jobs (id, run_id, org_id, batch_id, group_id, app_version_id, target, framework, test_path,
              priority, status, wait_reason, run_at, max_retries, retry_failed_tests, timeout_ms, estimate_ms,
              queue_deadline, rev, submitted_at, changed_at)
            SELECT j.value ->> 0, ?1, ?2, b.id, b.group_id, ?3, j.value ->> 2, ?4, j.value ->> 1,
              ?5, ?6, ?7, ?8, ?9, ?10, ?11, j.value ->> 3, ?12, ${lastEvent} + j.key + 1, ?13, ?13
            FROM json_each(?14) j
            CROSS JOIN groups g ON g.org_id = ?2 AND g.app_version_id = ?3 AND g.target = j.value ->> 2
            CROSS JOIN batches b ON b.run_id = ?1 AND b.group_id = g.id`,
      args: [
        run.id,
        run.orgId,
        run.appVersionId,
        first.framework,
        first.priority,
        first.status,
        first.waitReason,
        first.runAt,
        first.maxRetries,
        first.retryFailedTests,
        first.timeoutMs,
        first.queueDeadline,
        first.submittedAt,
        rows,
      ],
    },
    ...(first.status === 'queued' ? countQueued(run, jobs) : []),
  ];
}

const countQueued = (run: RunRow, jobs: readonly JobRow[]): Statement[] => {
  const perTarget = new Map<string, [n: number, ms: number]>();
  for (const job of jobs) {
    const [n, ms] = perTarget.get(job.target) ?? [0, 0];
    perTarget.set(job.target, [n + 1, ms + job.estimateMs]);
  }
  return [...perTarget].flatMap(([target, [n, ms]]) => [
    {
      sql: `UPDATE groups SET queued = queued + ?1, queued_ms = queued_ms + ?2
            WHERE org_id = ?3 AND app_version_id = ?4 AND target = ?5`,
      args: [n, ms, run.orgId, run.appVersionId, target],
    },
    {
      sql: `UPDATE batches SET queued = ?1, queued_ms = ?2 WHERE run_id = ?3 AND group_id =
              (SELECT id FROM groups WHERE org_id = ?4 AND app_version_id = ?5 AND target = ?6)`,
      args: [n, ms, run.id, run.orgId, run.appVersionId, target],
    },
  ]);
};

/**
 * Says to each pool that work has come, and answers the run's rev. The numbers before it are the jobs' own: each has a
 * rev of its own, so that a page of changes can end between any two.
 */
export const announce = (run: RunRow, jobs: number): Statement[] => [
  {
    sql: `INSERT INTO events (seq, at, type, org_id, run_id, pool_id, n)
          SELECT ${lastEvent} + ?4 + row_number() OVER (), ?1, 'submitted', ?2, ?3, pool_id, queued
          FROM batches WHERE run_id = ?3`,
    args: [run.submittedAt, run.orgId, run.id, jobs],
  },
  { sql: `UPDATE runs SET rev = ${lastEvent} WHERE id = ? RETURNING rev`, args: [run.id] },
];
