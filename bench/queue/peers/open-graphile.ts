import { type AddJobFunction, Logger, makeWorkerUtils, type RunnerOptions, run } from 'graphile-worker';
import type { Pool } from 'pg';
import type { Side } from '../side.ts';
import { readVersion } from './environment.ts';
import { makeSide, type Payload, type RunningWorker } from './make-side.ts';
import { openPool, readCount, readDurability, readPostgresVersion } from './postgres-store.ts';

/** One of the two ways in which graphile-worker is measured. */
export interface GraphileTuning {
  readonly name: string;
  readonly concurrency: number;
  /** Of its workers. */
  readonly connections: number;
  /** The batching of its page on performance; absent: none, as is its default. */
  readonly worker?: NonNullable<RunnerOptions['preset']>['worker'];
  readonly settings: string;
}

const task = 'test';
/** Every submit notifies, and PostgreSQL lets one transaction at a time commit that does: more connections gain nothing. */
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
      name: tuning.name,
      version: `${readVersion('graphile-worker')}, PostgreSQL ${await readPostgresVersion(pgPool)}`,
      durability: await readDurability(pgPool),
      settings: `${tuning.settings}; submits over ${submitConnections} connections, as more gain nothing`,
    },
    add: (job) => addJob(task, job),
    addAll: (jobs) => utils.addJobs(jobs.map((payload) => ({ identifier: task, payload }))),
    work: (handle) => startWorker(tuning, pgPool, handle),
    countLeft: () => readCount(pgPool, countJobs),
    // What is complete is deleted: the table is short again, and not full of dead rows.
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
    // It does not say when a job is complete in the store; the store does.
    async settle() {
      for (let n = 0; n < 100_000; n += 1) {
        if ((await readCount(pgPool, countJobs)) === 0) return;
      }
      throw new Error('graphile-worker does not complete its last jobs');
    },
    stop: () => runner.stop(),
  };
}
