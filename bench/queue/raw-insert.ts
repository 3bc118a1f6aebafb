import { join } from 'node:path';
import { type Client, createClient } from '@libsql/client';
import { openQueue } from '../../server/queue/open-queue.ts';
import { testPath } from './load.ts';
import type { Side } from './side.ts';

const rowsAtMost = 5000;

/**
 * The least that a bulk submit could cost: one INSERT … SELECT of its rows. Its single submits are one row
 * and one commit each, which shows the speed of the disk.
 */
export default async function openRawInsert(
  dir: string,
): Promise<Pick<Side, 'about' | 'submit' | 'submitBulk' | 'reset' | 'close'>> {
  const client = await makeJobsTable(dir);
  // The parameters are built once, in the warm-up call, so that only the statement is timed.
  const rows = Array.from({ length: rowsAtMost }, (_, n) => [`-${String(n).padStart(6, '0')}`, testPath(n)]);
  const bodies = new Map<number, string>();
  let statements = 0;
  const insert = async (jobs: number): Promise<void> => {
    const body = bodies.get(jobs) ?? JSON.stringify(rows.slice(0, jobs));
    bodies.set(jobs, body);
    statements += 1;
    await client.execute({ sql: insertSql, args: [body, `job_${statements}`, Date.now()] });
  };
  return {
    about: {
      version: '@libsql/client',
      durability: 'SQLite WAL, synchronous=FULL',
      settings:
        "one INSERT … SELECT FROM json_each into the server's own table of jobs with its indexes; submits: a row and a commit each",
    },
    async submit(jobs) {
      for (let n = 0; n < jobs; n += 1) await insert(1);
    },
    submitBulk: insert,
    reset: async () => undefined,
    async close() {
      client.close();
    },
  };
}

const insertSql = `INSERT INTO jobs (id, run_id, org_id, batch_id, group_id, app_version_id, target, framework,
    test_path, priority, status, max_retries, retry_failed_tests, timeout_ms, estimate_ms, queue_deadline, rev,
    submitted_at, changed_at)
  SELECT ?2 || (i.value ->> 0), 'run_' || ?2, 'bench', 1, 1, 'v1.0.0', 'emulator', '', i.value ->> 1, 5, 'queued', 3, 1,
    900000, 1000, ?3, i.key, ?3, ?3
  FROM json_each(?1) i`;

/** The table of jobs with its indexes as the migrations create it, without triggers. */
async function makeJobsTable(dir: string): Promise<Client> {
  const template = join(dir, 'template.db');
  const store = await openQueue(template);
  const made = await store.sql.read(
    `SELECT sql FROM sqlite_schema WHERE tbl_name = 'jobs' AND type IN ('table', 'index') AND sql IS NOT NULL
     ORDER BY type DESC`,
  );
  await store.close();
  const client = createClient({ url: `file:${join(dir, 'raw.db')}`, concurrency: 1 });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = FULL');
  await client.execute('PRAGMA wal_autocheckpoint = 4000');
  for (const { sql } of made) await client.execute(String(sql));
  return client;
}
