import { join } from 'node:path';
import * as bunqueue from 'bunqueue/queue';
import { readVersion } from '../environment.ts';
import type { HttpPayload, OpenHttpPeer, TakenJob } from './http-peer.ts';

/** The part of its queue manager that is used here; its types are not readable outside of a bundler. */
interface QueueManager {
  push(queue: string, job: JobInput): Promise<{ id: string }>;
  pushBatch(queue: string, jobs: JobInput[]): Promise<string[]>;
  pullBatchWithLock(
    queue: string,
    count: number,
    owner: string,
  ): Promise<{ jobs: Pulled[]; tokens: string[] }>;
  ackBatch(ids: string[], tokens: string[]): Promise<unknown>;
  getQueueJobCounts(queue: string): Record<string, number>;
  obliterate(queue: string): unknown;
  shutdown(): unknown;
}

interface JobInput {
  readonly name: string;
  readonly data: HttpPayload;
  readonly durable: true;
}

interface Pulled {
  readonly id: string;
  readonly data: HttpPayload;
}

const queue = 'tests';
const notDone = ['waiting', 'prioritized', 'delayed', 'active', 'failed'];

/** bunqueue embedded in the server's process, under bun, with the calls that its own server and workers make. */
const openBunqueue: OpenHttpPeer = (dir) => {
  const Manager = bunqueue.QueueManager as unknown as new (options: { dataPath: string }) => QueueManager;
  const manager = new Manager({ dataPath: join(dir, 'bunqueue.db') });
  const owner = crypto.randomUUID();
  const input = (data: HttpPayload): JobInput => ({ name: 'test', data, durable: true });
  return {
    about: {
      version: `${readVersion('bunqueue')}, bun ${process.versions.bun}`,
      durability:
        'durable: written before the answer, but SQLite WAL with synchronous NORMAL (a power cut may take the last commits back)',
      settings:
        'embedded, durable for each job; pushBatch for bulk; a lease is one pullBatchWithLock of 16, a finish one ackBatch',
    },
    add: async (job) => (await manager.push(queue, input(job))).id,
    addAll: (jobs) => manager.pushBatch(queue, jobs.map(input)),
    async take(most) {
      const { jobs, tokens } = await manager.pullBatchWithLock(queue, most, owner);
      return jobs.map(({ id, data }, n) => ({ id, payload: data, handle: tokens[n] }));
    },
    finish: (jobs) =>
      manager.ackBatch(
        jobs.map(idOf),
        jobs.map(({ handle }) => handle as string),
      ),
    countLeft() {
      const counts = manager.getQueueJobCounts(queue);
      return notDone.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    },
    empty: () => manager.obliterate(queue),
    close: () => manager.shutdown(),
  };
};

const idOf = ({ id }: TakenJob): string => id;

export default openBunqueue;
