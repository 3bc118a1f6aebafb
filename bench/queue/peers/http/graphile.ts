import { type AddJobFunction, Logger, makeWorkerUtils } from 'graphile-worker';
import { readVersion } from '../environment.ts';
import { openPool, readCount, readDurability, readPostgresVersion } from '../postgres-store.ts';
import type { HttpPayload, OpenHttpPeer } from './http-peer.ts';

const task = 'test';
/** Its submits send NOTIFY, and PostgreSQL commits such transactions one at a time: more connections gain nothing. */
const submitConnections = 4;
const connections = 20;
const logger = new Logger(() => () => {});
const countJobs = 'SELECT count(*) FROM graphile_worker._private_jobs';

/** The statement by which its worker fills a local queue (dist/sql/getJobs.js), with its own text for 16 jobs. */
const getJobs = (most: number): string => `with j_raw as (
  select jobs.job_queue_id, jobs.priority, jobs.run_at, jobs.id
    from graphile_worker._private_jobs as jobs
    where jobs.is_available = true
    and run_at <= now()
    and task_id = any($2::int[])
    and (
      jobs.job_queue_id is null
      or
      jobs.job_queue_id in (
        select id
        from graphile_worker._private_job_queues as job_queues
        where job_queues.is_available = true
        for update
        skip locked
      )
    )
    order by priority asc, run_at asc
    limit ${most}
    for update
    skip locked
),
j as (
  select distinct on (job_queue_id, case when job_queue_id is null then id end)
      job_queue_id, priority, run_at, id
    from j_raw
    order by job_queue_id, case when job_queue_id is null then id end, priority asc, run_at asc
),
q as (
  update graphile_worker._private_job_queues as job_queues
    set
      locked_by = $1::text,
      locked_at = now()
    from j
    where job_queues.id = j.job_queue_id
)
  update graphile_worker._private_jobs as jobs
    set
      attempts = jobs.attempts + 1,
      locked_by = $1::text,
      locked_at = now()
    from j
    where jobs.id = j.id
    returning *`;

/** The statement by which its worker completes jobs in batches (dist/sql/completeJobs.js). */
const completeJobs = `delete from graphile_worker._private_jobs as jobs
using unnest($1::bigint[]) n(n)
where id = n`;

interface JobRow {
  readonly id: string;
  readonly payload: HttpPayload;
}

/**
 * graphile-worker has no public call that fetches jobs, and its worker does not say when a completion is stored. So a
 * lease and a finish are the two statements of its tuned worker, prepared as it prepares them.
 */
const openGraphile: OpenHttpPeer = async () => {
  const pool = await openPool(connections);
  const submitPool = await openPool(submitConnections);
  const utils = await makeWorkerUtils({ pgPool: submitPool, logger });
  await utils.migrate();
  const addJob: AddJobFunction = utils.addJob;
  const poolId = `pool-${crypto.randomUUID()}`;
  let taskIds: readonly number[] = [];
  return {
    about: {
      version: `${readVersion('graphile-worker')}, PostgreSQL ${await readPostgresVersion(pool)}`,
      durability: await readDurability(pool),
      settings: `a lease is the statement that fills its local queue, for 16 jobs, a finish that of its batched completion; addJobs for bulk; pools of ${connections} and, for submits, ${submitConnections}`,
    },
    add: async (job) => (await addJob(task, job)).id,
    async addAll(jobs) {
      const added = await utils.addJobs(jobs.map((payload) => ({ identifier: task, payload })));
      return added.map(({ id }) => id);
    },
    async take(most) {
      if (taskIds.length === 0) {
        const found = await pool.query<{ id: number }>('SELECT id FROM graphile_worker._private_tasks');
        taskIds = found.rows.map(({ id }) => id);
      }
      const query = {
        name: `get_job${most}/graphile_worker`,
        text: getJobs(most),
        values: [poolId, taskIds],
      };
      const { rows } = await pool.query<JobRow>(query);
      return rows.map(({ id, payload }) => ({ id, payload, handle: undefined }));
    },
    finish: (jobs) =>
      pool.query({
        name: 'complete_jobs/graphile_worker',
        text: completeJobs,
        values: [jobs.map(({ id }) => id)],
      }),
    countLeft: () => readCount(pool, countJobs),
    // Completed jobs are deleted, which leaves dead rows; TRUNCATE removes them too.
    empty: () => pool.query('TRUNCATE graphile_worker._private_jobs'),
    async close() {
      await utils.release();
      await submitPool.end();
      await pool.end();
    },
  };
};

export default openGraphile;
