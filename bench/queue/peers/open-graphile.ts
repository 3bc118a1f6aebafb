import { type AddJobFunction, Logger, makeWorkerUtils, type RunnerOptions, run } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Side } from '../side.ts';
import { readVersion } from './environment.ts';
import { makeSide, type Payload, type RunningWorker } from './make-side.ts';
import { openPool, readCount, readDurability, readPostgresVersion } from './postgres-store.ts';

/** graphile-worker is measured in two ways. */
export interface GraphileTuning {
  readonly concurrency: number;
  /** Connections of its workers. */
  readonly connections: number;
  /** Batching, from its page on performance; absent: none, its default. */
  readonly worker?: NonNullable<RunnerOptions['preset']>['worker'];
  readonly settings: string;
}

const task = 'test';
/**
 * Every submit sends NOTIFY, and PostgreSQL commits such transactions one at a time, so more connections gain nothing.
 */
const submitConnections = 4;
const logger = new Logger(() => () => {});
const countJobs = 'SELECT count(*) FROM graphile_worker._private_jobs';

export async function openGraphile(tuning: GraphileTuning): Promise<Side> {
  const pgPool = await openPool(tuning.connections);
  const submitPool = await openPool(submitConnections);
  const utils = await makeWorkerUtils({ pgPool: submitPool, logger });
  await utils.migrate();
  const addJob: AddJobFunction = utils.addJob;
  return makeSide({
    about: {
      version: `${readVersion('graphile-worker')}, PostgreSQL ${await readPostgresVersion(pgPool)}`,
      durability: await readDurability(pgPool),
      settings: `${tuning.settings}; submits over ${submitConnections} connections, as more gain nothing`,
    },
    add: (job) => addJob(task, job),
    addAll: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier: task, payload }))),
    work: (handle) => startWorker(tuning, pgPool, handle),
    countLeft: () => readCount(pgPool, countJobs),
    // Completed jobs are deleted, which leaves dead rows; TRUNCATE removes them too.
    empty: () => pgPool.query('TRUNCATE graphile_worker._private_jobs'),
    async close() {
      await utils.release();
      await submitPool.end();
      await pgPool.end();
    },
  });
}

async function startWorker(
  { concurrency, worker }: GraphileTuning,
  pgPool: Pool,
  handle: (n: number) => void,
): Promise<RunningWorker> {
  const runner = await run({
    pgPool,
    logger,
    concurrency,
    noHandleSignals: true,
    taskList: { [task]: async (payload) => handle((payload as Payload).n) },
    preset: { worker: worker ?? {} },
  });
  return {
    // It has no event for a job that is complete in the store, so the store is asked.
    async settle() {
      for (let n = 0; n < 100_000; n += 1) {
        if ((await readCount(pgPool, countJobs)) === 0) return;
      }
      throw new Error('graphile-worker does not complete its last jobs');
    },
    stop: () => runner.stop(),
  };
}
