import { type Job, Queue, Worker } from 'bullmq';
import type { OpenSide } from '../side.ts';
import { readVersion } from './environment.ts';
import { makeSide, type Payload, type RunningWorker } from './make-side.ts';
import { connectRedis, emptyRedis, readDurability, readRedisVersion } from './redis-store.ts';

const name = 'tests';
/** The example in its guide has 50; on two cores more than 100 gained nothing. */
const concurrency = 100;

const openBullmq: OpenSide = async () => {
  const redis = connectRedis();
  const queue = new Queue<Payload>(name, { connection: redis });
  await queue.waitUntilReady();
  return makeSide({
    about: {
      version: `${readVersion('bullmq')}, ioredis ${readVersion('ioredis')}, Redis ${await readRedisVersion(redis)}`,
      durability: await readDurability(redis),
      settings: `its defaults; addBulk; one worker in process, concurrency ${concurrency}`,
    },
    add: (job) => queue.add(name, job),
    addAll: (jobs) => queue.addBulk(jobs.map((data) => ({ name, data }))),
    work: (handle) => startWorker(handle),
    async countLeft() {
      const counts = await queue.getJobCounts();
      return Object.values(counts).reduce((sum, count) => sum + count, 0) - (counts.completed ?? 0);
    },
    empty: () => emptyRedis(redis),
    async close() {
      await queue.close();
      await redis.quit();
    },
  });
};

async function startWorker(handle: (n: number) => void): Promise<RunningWorker> {
  let handled = 0;
  let completed = 0;
  let whenEven = (): void => undefined;
  const connection = connectRedis();
  const take = async ({ data }: Job<Payload>): Promise<void> => {
    handled += 1;
    handle(data.n);
  };
  const worker = new Worker<Payload>(name, take, { connection, concurrency });
  // This event comes after the completion is stored.
  worker.on('completed', () => {
    completed += 1;
    if (completed === handled) whenEven();
  });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  return {
    settle: () =>
      new Promise((resolve) => {
        whenEven = resolve;
        if (completed === handled) resolve();
      }),
    async stop() {
      await worker.close();
      connection.disconnect();
    },
  };
}

export default openBullmq;
