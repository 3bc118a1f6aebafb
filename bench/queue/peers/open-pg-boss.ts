import { PgBoss } from 'pg-boss';
import type { Side } from '../side.ts';
import { readUrl, readVersion } from './environment.ts';
import { makeSide, type Payload, type RunningWorker } from './make-side.ts';
import { openPool, readCount, readDurability, readPostgresVersion } from './postgres-store.ts';

/** pg-boss is measured in two ways. */
export interface BossTuning {
  readonly settings: string;
  readonly workers: number;
  /** Starts this many workers on a queue; each passes its jobs to `handle`. */
  startWorkers(boss: PgBoss, input: WorkersInput): Promise<unknown>;
}

export interface WorkersInput {
  readonly queue: string;
  readonly workers: number;
  readonly handle: (job: Payload) => void;
}

/**
 * With NOTIFY a job is picked up at once, but PostgreSQL commits such transactions one at a time: single submits would
 * wait for each other's disk write. So pickups use a queue with NOTIFY, and all else a queue without.
 */
const queues = { quiet: 'tests', notifying: 'tests-at-once' };
const connections = 20;
const countLeft = `SELECT count(*) FROM pgboss.job WHERE name IN ('${queues.quiet}', '${queues.notifying}') AND state < 'completed'`;

export async function openPgBoss(tuning: BossTuning): Promise<Side> {
  const pool = await openPool(1);
  const boss = await startBoss();
  // As many calls at once as it has connections, so that none is opened within a phase.
  await Promise.all(
    Array.from({ length: connections }, () => boss.getDb().executeSql('SELECT pg_sleep(0.01)')),
  );
  let queue = queues.quiet;
  return makeSide({
    about: {
      version: `${readVersion('pg-boss')}, PostgreSQL ${await readPostgresVersion(pool)}`,
      durability: await readDurability(pool),
      settings: `${tuning.settings}; pool of ${connections}; a partition per queue; NOTIFY for pickups alone, as it makes submits wait for one another`,
    },
    add: (job) => boss.send(queue, job),
    addAll: (jobs) =>
      boss.insert(
        queue,
        jobs.map((data) => ({ data })),
      ),
    async work(handle, isAlone): Promise<RunningWorker> {
      queue = isAlone ? queues.notifying : queues.quiet;
      const workers = isAlone ? 1 : tuning.workers;
      await tuning.startWorkers(boss, { queue, workers, handle: ({ n }) => handle(n) });
      return {
        // Waits until the current jobs of its workers are complete.
        settle: () => boss.offWork(queue),
        stop: async () => {
          queue = queues.quiet;
        },
      };
    },
    countLeft: () => readCount(pool, countLeft),
    empty: () => pool.query('TRUNCATE pgboss.job'),
    async close() {
      await boss.stop();
      await pool.end();
    },
  });
}

async function startBoss(): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: readUrl('BENCH_POSTGRES_URL'),
    max: connections,
    useListenNotify: true,
  });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  // A table per queue: in one table the statistics of one queue would lead to bad query plans for the other.
  await boss.createQueue(queues.quiet, { partition: true });
  await boss.createQueue(queues.notifying, { partition: true, notify: true });
  return boss;
}
