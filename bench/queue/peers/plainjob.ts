import { join } from 'node:path';
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker, JobStatus, type Logger, type Queue } from 'plainjob';
import type { OpenSide } from '../side.ts';
import { readVersion } from './environment.ts';
import { makeSide, type Payload, type Peer } from './make-side.ts';

const type = 'test';
/** Its default is a second, without a minimum. With less than this an idle worker would keep a core busy. */
const pollMs = 10;
/** By default it writes several lines per job to the console. */
const logger: Logger = { error: console.error, warn: console.warn, info: () => {}, debug: () => {} };

const openPlainjob: OpenSide = (dir) => {
  const database = new Database(join(dir, 'plainjob.db'));
  const queue = defineQueue({ connection: better(database), logger });
  return makeSide({
    about: {
      version: `${readVersion('plainjob')}, better-sqlite3 ${readVersion('better-sqlite3')}`,
      durability: readDurability(database),
      settings: `its defaults; one worker in process, as two processes drain no faster on two cores; idle poll ${pollMs} ms (default 1000 ms)`,
    },
    add: (job) => queue.add(type, job),
    addAll: (jobs) => queue.addMany(type, [...jobs]),
    work: async (handle) => startWorker(queue, handle),
    countLeft: async () =>
      queue.countJobs({ status: JobStatus.Pending }) + queue.countJobs({ status: JobStatus.Processing }),
    empty: async () => database.exec('DELETE FROM plainjob_jobs'),
    close: async () => queue.close(),
  });
};

/** It runs in microtasks until it finds no job: while there is work, no timer of this process fires. */
function startWorker(queue: Queue, handle: (n: number) => void): Awaited<ReturnType<Peer['work']>> {
  const worker = defineWorker(type, (job) => handle((JSON.parse(job.data) as Payload).n), {
    queue,
    logger,
    pollIntervall: pollMs,
  });
  const ended = worker.start();
  return {
    // Its stop does not wait for the current job; the end of its loop does.
    settle: async () => {
      await worker.stop();
      await ended;
    },
    stop: async () => undefined,
  };
}

/** plainjob sets NORMAL when it opens. */
function readDurability(database: Database.Database): string {
  const journal = database.pragma('journal_mode', { simple: true });
  const isNormal = database.pragma('synchronous', { simple: true }) === 1;
  const level = isNormal ? 'NORMAL (not FULL: a power cut may take the last commits back)' : 'not NORMAL';
  return `SQLite ${journal}, synchronous ${level}`;
}

export default openPlainjob;
