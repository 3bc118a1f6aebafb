import { PgBoss } from 'pg-boss';
import { readUrl, readVersion } from '../environment.ts';
import { openPool, readCount, readDurability, readPostgresVersion } from '../postgres-store.ts';
import type { HttpPayload, OpenHttpPeer } from './http-peer.ts';

const queue = 'tests';
const connections = 20;
const countLeft = `SELECT count(*) FROM pgboss.job WHERE name = '${queue}' AND state < 'completed'`;

/** pg-boss without workers of its own: jobs are fetched and completed in batches, as its API offers. */
const openPgBoss: OpenHttpPeer = async () => {
  const pool = await openPool(1);
  const boss = new PgBoss({ connectionString: readUrl('BENCH_POSTGRES_URL'), max: connections });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(queue, { partition: true });
  await openConnections(boss);
  return {
    about: {
      version: `${readVersion('pg-boss')}, PostgreSQL ${await readPostgresVersion(pool)}`,
      durability: await readDurability(pool),
      settings: `a lease is one fetch of 16, a finish one complete; insert for bulk; pool of ${connections}; a partition for the queue; no NOTIFY, which makes submits wait for one another`,
    },
    add: async (job) => (await boss.send(queue, job)) ?? '',
    async addAll(jobs) {
      const rows = jobs.map((data) => ({ data }));
      return (await boss.insert(queue, rows, { returnId: true })) ?? [];
    },
    async take(most) {
      const jobs = await boss.fetch<HttpPayload>(queue, { batchSize: most });
      return jobs.map(({ id, data }) => ({ id, payload: data, handle: undefined }));
    },
    finish: (jobs) =>
      boss.complete(
        queue,
        jobs.map(({ id }) => id),
      ),
    countLeft: () => readCount(pool, countLeft),
    empty: () => pool.query('TRUNCATE pgboss.job'),
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
};

/** As many calls at once as it has connections, so that none is opened within a phase. */
const openConnections = (boss: PgBoss): Promise<unknown> =>
  Promise.all(Array.from({ length: connections }, () => boss.getDb().executeSql('SELECT pg_sleep(0.01)')));

export default openPgBoss;
