import { type Job, Queue, Worker } from 'bullmq';
import { readVersion } from '../environment.ts';
import { connectRedis, emptyRedis, readDurability, readRedisVersion } from '../redis-store.ts';
import type { HttpPayload, OpenHttpPeer, TakenJob } from './http-peer.ts';

const name = 'tests';

/** BullMQ with jobs fetched by hand, as its guide shows for that: no worker runs, calls take and complete jobs. */
const openBullmq: OpenHttpPeer = async () => {
  const redis = connectRedis();
  const queue = new Queue<HttpPayload>(name, { connection: redis });
  const worker = new Worker<HttpPayload>(name, null, { connection: connectRedis(), autorun: false });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  const token = crypto.randomUUID();
  const fetch = async (count: number): Promise<TakenJob[]> => {
    const fetches = Array.from({ length: count }, () => worker.getNextJob(token, { block: false }));
    return (await Promise.all(fetches)).flatMap((job) => (job ? [toTaken(job)] : []));
  };
  let hasMore = true;
  return {
    about: {
      version: `${readVersion('bullmq')}, ioredis ${readVersion('ioredis')}, Redis ${await readRedisVersion(redis)}`,
      durability: await readDurability(redis),
      settings:
        'its defaults; addBulk; a lease is 16 getNextJob at once (of an empty queue one first; of a submit that wakes it ' +
        'as many as it has), a finish moveToCompleted for all at once',
    },
    add: async (job) => idOf(await queue.add(name, job)),
    addAll: async (jobs) => (await queue.addBulk(jobs.map((data) => ({ name, data })))).map(idOf),
    // Each getNextJob is a script in Redis, also if there is no job: those would come before the next submit's.
    async take(most, added) {
      if (added !== undefined) return fetch(Math.min(most, added));
      const taken: TakenJob[] = [];
      if (!hasMore) {
        taken.push(...(await fetch(1)));
        if (taken.length === 0) return [];
      }
      taken.push(...(await fetch(most - taken.length)));
      hasMore = taken.length === most;
      return taken;
    },
    finish: (jobs) =>
      Promise.all(jobs.map(({ handle }) => (handle as Job).moveToCompleted(null, token, false))),
    async countLeft() {
      const counts = await queue.getJobCounts();
      return Object.values(counts).reduce((sum, count) => sum + count, 0) - (counts.completed ?? 0);
    },
    empty: () => emptyRedis(redis),
    async close() {
      await worker.close();
      await queue.close();
      redis.disconnect();
    },
  };
};

const idOf = ({ id }: Job): string => id ?? '';
const toTaken = (job: Job<HttpPayload>): TakenJob => ({ id: idOf(job), payload: job.data, handle: job });

export default openBullmq;
