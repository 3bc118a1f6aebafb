import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { OpenSide } from '../side.ts';
import { readUrl, readVersion } from './environment.ts';
import { makeSide, type Payload, type RunningWorker } from './make-side.ts';

const name = 'tests';
/** The example in its guide has 50; on two cores more than 100 gained nothing. */
const concurrency = 100;
const rewriteTries = 3000;

const openBullmq: OpenSide = async () => {
  const redis = connect();
  const queue = new Queue<Payload>(name, { connection: redis });
  await queue.waitUntilReady();
  return makeSide({
    about: {
      name: 'BullMQ',
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

/** A worker blocks its connection while it waits, so each has a connection of its own, without a limit of retries. */
const connect = (): Redis => new Redis(readUrl('BENCH_REDIS_URL'), { maxRetriesPerRequest: null });

async function startWorker(handle: (n: number) => void): Promise<RunningWorker> {
  let handled = 0;
  let completed = 0;
  let whenEven = (): void => undefined;
  const connection = connect();
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

/** Also shortens the append-only file, so that Redis does not start to rewrite it in the middle of a phase. */
async function emptyRedis(redis: Redis): Promise<void> {
  await redis.flushdb();
  await waitForRewrite(redis);
  await redis.bgrewriteaof();
  await waitForRewrite(redis);
}

/** Redis also starts rewrites by itself, and refuses a second one. Throws if the rewrite does not end in 30 s. */
async function waitForRewrite(redis: Redis): Promise<void> {
  for (let n = 0; n < rewriteTries; n += 1) {
    const state = await redis.info('persistence');
    if (!/aof_rewrite_(in_progress|scheduled):1/.test(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('Redis does not end the rewrite of its append-only file');
}

const readRedisVersion = async (redis: Redis): Promise<string> =>
  /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';

async function readDurability(redis: Redis): Promise<string> {
  const [, isAppending] = (await redis.config('GET', 'appendonly')) as string[];
  const [, fsync] = (await redis.config('GET', 'appendfsync')) as string[];
  return `appendonly ${isAppending}, appendfsync ${fsync}`;
}

export default openBullmq;
