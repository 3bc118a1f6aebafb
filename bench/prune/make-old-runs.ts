import { openQueue } from '../../server/queue/open-queue.ts';

const perWrite = 2000;

/** The events that a job of one attempt leaves: submitted, scheduled, running, passed, run_ended. */
const eventsPerRun = 5;

/**
 * Makes a database with so many runs of one job that passed and ended `ageMs` ago, each with its batch, lease, attempt
 * and events, as a year of small runs leaves them. `file` is a path to a new file.
 */
export async function makeOldRuns(file: string, runs: number, ageMs: number): Promise<void> {
  const store = await openQueue(file);
  const at = Date.now() - ageMs;
  try {
    await store.sql.write([
      { sql: `INSERT INTO orgs (id, created_at) VALUES ('old', ?)`, args: [at] },
      {
        sql: `INSERT INTO groups (id, org_id, app_version_id, target) VALUES (1, 'old', 'v1', 'device/old')`,
      },
      { sql: `INSERT INTO pools (id, owner, target) VALUES (1, '', 'device/old')` },
    ]);
    for (let from = 1; from <= runs; from += perWrite) {
      const to = Math.min(runs, from + perWrite - 1);
      await store.sql.write(insertsOf(from, to, at));
    }
    // As if the commits that made these events had counted them.
    await store.sql.write([{ sql: 'UPDATE counted_events SET seq = (SELECT max(seq) FROM events)' }]);
  } finally {
    await store.close();
  }
}

/** Of the runs numbered `from` to `to`. Ids are made from the numbers, so that they are in the order of time. */
function insertsOf(from: number, to: number, at: number) {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`;
  const id = (prefix: string): string => `'${prefix}_' || printf('%032x', i)`;
  const inserts = [
    `INSERT INTO runs (id, org_id, app_version_id, status, conclusion, passed, attempts, settings, rev, submitted_at,
       changed_at, started_at, finished_at)
     SELECT ${id('run')}, 'old', 'v1', 'passed', 'success', 1, 1, '{}', i * ${eventsPerRun}, ${at}, ${at}, ${at}, ${at} + i FROM n`,
    `INSERT INTO batches (id, run_id, org_id, group_id, target, pool_id, source_hash, framework, priority, weight, tag,
       due_at, virtual, max_retries, retry_failed_tests, timeout_ms, queue_deadline, submitted_at)
     SELECT i, ${id('run')}, 'old', 1, 'device/old', 1, '', '', 5, 1, 0, 0, 0, 3, 1, 900000, ${at}, ${at} FROM n`,
    `INSERT INTO jobs (seq, id, run_id, org_id, batch_id, group_id, app_version_id, target, framework, test_path, priority,
       status, outcome, attempt, max_retries, retry_failed_tests, timeout_ms, estimate_ms, queue_deadline, agent_id,
       device_id, duration_ms, rev, submitted_at, started_at, changed_at, finalized_at)
     SELECT i, ${id('job')}, ${id('run')}, 'old', i, 1, 'v1', 'device/old', '', 'tests/' || (i % 500) || '.spec.ts', 5,
       'passed', 'passed', 1, 3, 1, 900000, 1000, ${at}, 'agt_old', 'dev_old', 1000, i * ${eventsPerRun}, ${at}, ${at},
       ${at}, ${at} FROM n`,
    `INSERT INTO leases (id, org_id, agent_id, boot_id, device_id, group_id, run_id, state, n_jobs, install, created_at,
       expires_at, ended_at)
     SELECT ${id('lse')}, 'old', 'agt_old', 'boot-old', 'dev_old', 1, ${id('run')}, 'ended', 1, 0, ${at}, ${at}, ${at} FROM n`,
    `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at, finished_at, duration_ms,
       verdict, tests)
     SELECT ${id('job')}, 1, 'old', ${id('lse')}, 'agt_old', 'dev_old', ${at}, ${at}, 1000, 'passed',
       '[{"name":"opens the page and logs in","status":"passed","duration_ms":1000}]' FROM n`,
    `INSERT INTO events (at, type, org_id, run_id, job_id, job_seq)
     SELECT ${at}, 'passed', 'old', ${id('run')}, ${id('job')}, i FROM n, (SELECT value FROM json_each('[1,2,3,4,5]'))`,
  ];
  return inserts.map((sql) => ({ sql: `${numbers} ${sql}` }));
}
