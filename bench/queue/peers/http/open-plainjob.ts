import { join } from 'node:path';
import Database from 'better-sqlite3';
import { better, defineQueue, JobStatus, type Logger } from 'plainjob';
import { readVersion } from '../environment.ts';
import type { HttpPayload, HttpPeer, TakenJob } from './http-peer.ts';

const type = 'test';
/** By default it writes several lines per job to the console. */
const logger: Logger = { error: console.error, warn: console.warn, info: () => {}, debug: () => {} };

/** With what SQLite answers to `PRAGMA synchronous`. */
const levels = {
  normal: { code: 1, text: 'NORMAL (not FULL: a power cut may take the last commits back)' },
  full: { code: 2, text: 'FULL, set after it has set NORMAL' },
} as const;

/**
 * plainjob in the server's own process. The jobs of a lease are taken one by one, as its API has it, in one transaction
 * of the connection, which belongs to its user; so are they finished. Throws if the database is on another level than
 * asked for: its figures would have the wrong name.
 */
export function openPlainjob(dir: string, synchronous: keyof typeof levels): HttpPeer {
  const database = new Database(join(dir, 'plainjob.db'));
  const queue = defineQueue({ connection: better(database), logger });
  database.pragma(`synchronous = ${synchronous}`);
  const code = database.pragma('synchronous', { simple: true });
  if (code !== levels[synchronous].code) throw new Error(`synchronous is ${code}, not ${synchronous}`);
  const takeOne = (): TakenJob | undefined => {
    const found = queue.getAndMarkJobAsProcessing(type);
    const job = found && queue.getJobById(found.id);
    return job && { id: String(job.id), payload: JSON.parse(job.data) as HttpPayload, handle: job.id };
  };
  const take = database.transaction((most: number): TakenJob[] => {
    const taken: TakenJob[] = [];
    for (let job = takeOne(); job; job = taken.length < most ? takeOne() : undefined) taken.push(job);
    return taken;
  });
  const finish = database.transaction((jobs: readonly TakenJob[]): void => {
    for (const { handle } of jobs) queue.markJobAsDone(handle as number);
  });
  return {
    about: {
      version: `${readVersion('plainjob')}, better-sqlite3 ${readVersion('better-sqlite3')}`,
      durability: `SQLite ${database.pragma('journal_mode', { simple: true })}, synchronous ${levels[synchronous].text}`,
      settings:
        'its defaults; addMany for bulk; a lease and a finish are a transaction each around 16 of its calls',
    },
    add: (job) => String(queue.add(type, job).id),
    addAll: (jobs) => queue.addMany(type, [...jobs]).ids.map(String),
    take,
    finish,
    countLeft: () =>
      queue.countJobs({ status: JobStatus.Pending }) + queue.countJobs({ status: JobStatus.Processing }),
    empty: () => database.exec('DELETE FROM plainjob_jobs'),
    close: () => queue.close(),
  };
}
