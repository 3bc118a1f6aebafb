import { bulkSql, bulkValues, type Part, toBulkParameter, toParts } from '../../db/bulk-parameters.ts';
import type { Statement } from '../../db/statement.ts';
import { poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { lastEventSql } from '../store/read-events.ts';
import type { RunRow } from '../store/rows.ts';
import { batchesOf, batchNames, batchValues, type NewBatch } from './new-batches.ts';
import type { NewRun } from './new-run.ts';
import { endEarlier } from './plan-rerun.ts';
import { lastSetup, type Ranking, rankKey } from './rank-runs.ts';
import { supersedeOlder } from './supersede-older.ts';

const batchItem = bulkValues(batchNames);

/**
 * The statements that store runs with their jobs: one per table, for any number of runs. One of them answers `seq`, the
 * number of the last event, from which `revsOf` computes the revs.
 */
export function insertRuns(deps: Deps, all: readonly NewRun[], { ranks, clocks }: Ranking): Statement[] {
  const batches = all.flatMap(batchesOf);
  const jobs = all.flatMap(({ run, jobs: own }) =>
    own.map((job) => [job.id, run.id, job.target, job.testPath, job.estimateMs, job.sortKey]),
  );
  const batchJson = toBulkParameter(
    batchNames,
    batches.map((batch) =>
      batchValues(batch, ranks.get(rankKey(batch.run.id, batch.first.target)) ?? lowest),
    ),
  );
  return [
    ...insertOrgs(all),
    insertGroups(batchJson),
    insertPools(batchJson),
    insertRunRows(all.map(({ run }) => run)),
    // Before the new batches, since these share the pool from now on.
    ...clocks,
    insertBatches(batchJson, deps),
    ...toParts(jobs).map(insertJobs),
    countInGroups(batches),
    announce(batchJson, jobs.length),
    setRevs(all, batches),
    { sql: `SELECT ${lastEventSql} AS seq` },
    // After `seq` is read, since each cancel writes an event.
    ...all.flatMap((one) => [...supersedeOlder(one.run), ...endEarlier(one)]),
  ];
}

/** Makes the orgs that the operator has named, and counts the open runs of all orgs. */
function insertOrgs(all: readonly NewRun[]): Statement[] {
  const made = all.filter((one) => one.createOrg).map(({ run }) => [run.orgId, run.submittedAt]);
  // A hunt takes nothing from the weight of other runs.
  const open = all.filter(({ run }) => run.huntTimes === null);
  const counts = [...Map.groupBy(open, ({ run }) => run.orgId)].map(([id, runs]) => [id, runs.length]);
  return [
    ...(made.length === 0
      ? []
      : [
          {
            sql: `INSERT INTO orgs (id, created_at) SELECT i.value ->> 0, i.value ->> 1 FROM json_each(?) i WHERE true
                  ON CONFLICT DO NOTHING`,
            args: [JSON.stringify(made)],
          },
        ]),
    {
      sql: `UPDATE orgs SET active_runs = active_runs + (i.value ->> 1) FROM json_each(?) i WHERE orgs.id = i.value ->> 0`,
      args: [JSON.stringify(counts)],
    },
  ];
}

/** The rank of a batch that got none: behind all others. */
const lowest = { weight: 1, tag: Number.MAX_SAFE_INTEGER, dueAt: Number.MAX_SAFE_INTEGER };

const insertGroups = (batches: string): Statement => ({
  sql: `${bulkSql} INSERT INTO groups (org_id, app_version_id, target, setup_ms)
        SELECT ${batchItem('org', 'app', 'target')}, ${lastSetup(batchItem('org'), batchItem('target'))}
        FROM i WHERE true ON CONFLICT DO NOTHING`,
  args: [batches],
});

const insertPools = (batches: string): Statement => ({
  sql: `${bulkSql} INSERT INTO pools (owner, target) SELECT '', ${batchItem('target')} FROM i WHERE true
        ON CONFLICT DO NOTHING`,
  args: [batches],
});

const runColumns = {
  id: 'id',
  org_id: 'orgId',
  app_version_id: 'appVersionId',
  waiting: 'waiting',
  queued: 'queued',
  idempotency_key: 'idempotencyKey',
  request_hash: 'requestHash',
  settings: 'settings',
  fail_on_flaky: 'failOnFlaky',
  fail_on_new: 'failOnNew',
  max_failures: 'maxFailures',
  branch_key: 'branchKey',
  base_key: 'baseKey',
  lane: 'lane',
  comment_key: 'commentKey',
  rerun_key: 'rerunKey',
  github_attempt: 'githubAttempt',
  passed_before: 'passedBefore',
  hunt_times: 'huntTimes',
  quarantine_id: 'quarantineId',
  retry_of: 'retryOf',
  metadata: 'metadata',
  github: 'github',
  repository_id: 'repositoryId',
  submitted_by: 'submittedBy',
  supersede_key: 'supersedeKey',
  github_run_id: 'githubRunId',
  github_sha: 'githubSha',
  report_by: 'reportBy',
  submitted_at: 'submittedAt',
  changed_at: 'changedAt',
} as const satisfies Record<string, keyof RunRow>;

const runNames = Object.values(runColumns);

const insertRunRows = (runs: readonly RunRow[]): Statement => ({
  sql: `${bulkSql} INSERT INTO runs (${Object.keys(runColumns).join(', ')})
        SELECT ${bulkValues(runNames)(...runNames)} FROM i`,
  args: [toBulkParameter(runNames, runs)],
});

/** One batch per target, in the pool that serves it now. */
const insertBatches = (batches: string, deps: Deps): Statement => ({
  sql: `${bulkSql} INSERT INTO batches (run_id, org_id, group_id, target, pool_id, source_hash, framework, priority,
          guessed, weight, tag, due_at, held, virtual, queued,
          queued_ms, run_at, max_retries, retry_failed_tests, timeout_ms, queue_deadline,
          unoffered_until, submitted_at, lone, hunted)
        SELECT ${batchItem('run')}, g.org_id, g.id, g.target,
          ${poolFor('g.org_id', 'g.target', '?2')},
          ${batchItem('source', 'framework', 'priority', 'guessed', 'weight', 'tag', 'due')}, 0,
          ${batchItem('run_at')} IS NULL AND ${batchItem('hunted')} = 0,
          ${batchItem('n', 'ms', 'run_at', 'max_retries', 'retry_failed_tests')},
          ${batchItem('timeout_ms', 'queue_deadline', 'unoffered_until', 'at', 'lone', 'hunted')}
        FROM i CROSS JOIN groups g
          ON g.org_id = ${batchItem('org')} AND g.app_version_id = ${batchItem('app')} AND g.target = ${batchItem('target')}`,
  args: [batches, onlineSince(deps)],
});

/**
 * The values that the jobs of a batch share come from its row; the JSON has id, run, target, test path, estimate and sort
 * key.
 */
const insertJobs = ({ json, from }: Part): Statement => ({
  sql: `INSERT INTO jobs (id, run_id, org_id, batch_id, group_id, app_version_id, target, framework, test_path, priority,
          status, wait_reason, run_at, max_retries, retry_failed_tests, timeout_ms, estimate_ms, sort_key, queue_deadline, rev,
          submitted_at, changed_at)
        SELECT j.value ->> 0, b.run_id, b.org_id, b.id, b.group_id, g.app_version_id, b.target, b.framework,
          j.value ->> 3, b.priority, iif(b.run_at IS NULL, 'queued', 'waiting'), iif(b.run_at IS NULL, NULL, 'delay'),
          b.run_at, b.max_retries, b.retry_failed_tests, b.timeout_ms, j.value ->> 4, j.value ->> 5,
          coalesce(b.unoffered_until, b.queue_deadline),
          ${lastEventSql} + ?2 + j.key + 1, b.submitted_at, b.submitted_at
        FROM json_each(?1) j CROSS JOIN batches b ON b.run_id = j.value ->> 1 AND b.target = j.value ->> 2
          CROSS JOIN groups g ON g.id = b.group_id`,
  args: [json, from],
});

const countInGroups = (batches: readonly NewBatch[]): Statement => ({
  sql: `UPDATE groups SET queued = groups.queued + f.queued, queued_ms = groups.queued_ms + f.ms,
          waiting = groups.waiting + f.waiting
        FROM (SELECT b.group_id, sum(b.queued) AS queued, sum(b.queued_ms) AS ms,
            sum(iif(b.run_at IS NULL, 0, i.value ->> 2)) AS waiting
          FROM json_each(?) i CROSS JOIN batches b ON b.run_id = i.value ->> 0 AND b.target = i.value ->> 1
          GROUP BY b.group_id) f
        WHERE groups.id = f.group_id`,
  args: [JSON.stringify(batches.map(({ run, first, n }) => [run.id, first.target, n]))],
});

/**
 * An event for each batch, which wakes its pool. The numbers between the last event and these are the revs of the
 * jobs: each job has a rev of its own, so that a page of changes can end between any two jobs.
 */
const announce = (batches: string, jobs: number): Statement => ({
  sql: `${bulkSql} INSERT INTO events (seq, at, type, org_id, run_id, pool_id, n)
        SELECT ${lastEventSql} + ?2 + i.key + 1, ${batchItem('at')}, 'submitted', b.org_id, b.run_id, b.pool_id, b.queued + b.hunted
        FROM i CROSS JOIN batches b ON b.run_id = ${batchItem('run')} AND b.target = ${batchItem('target')}`,
  args: [batches, jobs],
});

/** The rev of a run is the number of its last batch's event. What an install takes is known if one was measured. */
const setRevs = (all: readonly NewRun[], batches: readonly NewBatch[]): Statement => ({
  sql: `UPDATE runs SET rev = ${lastEventSql} - ?2 + (i.value ->> 1), install_ms = (SELECT g.setup_ms FROM batches b
          JOIN groups g ON g.id = b.group_id WHERE b.run_id = runs.id ORDER BY b.id LIMIT 1) FROM json_each(?1) i WHERE runs.id = i.value ->> 0`,
  args: [
    JSON.stringify(all.map(({ run }) => [run.id, batches.findLastIndex((batch) => batch.run === run) + 1])),
    batches.length,
  ],
});
