import { Redis } from 'ioredis';
import { readUrl } from './environment.ts';

const rewriteTries = 3000;

/** A worker blocks its connection while it waits, so each has a connection of its own, without a limit of retries. */
export const connectRedis = (): Redis =>
  new Redis(readUrl('BENCH_REDIS_URL'), { maxRetriesPerRequest: null });

/** Also shortens the append-only file, so that Redis does not start to rewrite it in the middle of a phase. */
export async function emptyRedis(redis: Redis): Promise<void> {
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

export const readRedisVersion = async (redis: Redis): Promise<string> =>
  /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';

export async function readDurability(redis: Redis): Promise<string> {
  const [, isAppending] = (await redis.config('GET', 'appendonly')) as string[];
  const [, fsync] = (await redis.config('GET', 'appendfsync')) as string[];
  return `appendonly ${isAppending}, appendfsync ${fsync}`;
}
