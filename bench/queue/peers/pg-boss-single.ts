import type { OpenSide } from '../side.ts';
import type { Payload } from './make-side.ts';
import { type BossTuning, openPgBoss, type WorkersInput } from './open-pg-boss.ts';

const workers = 16;
/** Its minimum. It only matters for a worker that found no job. */
const pollingIntervalSeconds = 0.5;

/**
 * One handler call and one completion per job, like the other peers. By default a worker waits for its next poll after
 * each job; notifyWorker makes it fetch again at once.
 */
const openPgBossSingle: OpenSide = () =>
  openPgBoss({
    settings:
      `one job to a handler call and a completion; ${workers} workers in process, each made by notifyWorker to fetch ` +
      `again at once, poll ${pollingIntervalSeconds} s; insert for bulk`,
    workers,
    startWorkers: (boss, input) =>
      Promise.all(Array.from({ length: input.workers }, () => startWorker(boss, input))),
  });

type Boss = Parameters<BossTuning['startWorkers']>[0];

async function startWorker(boss: Boss, { queue, handle }: WorkersInput): Promise<void> {
  let own: string | undefined;
  own = await boss.work<Payload>(queue, { pollingIntervalSeconds }, async ([job]) => {
    if (own) boss.notifyWorker(own);
    if (job) handle(job.data);
  });
  // It may have handled its first job before its id was known.
  boss.notifyWorker(own);
}

export default openPgBossSingle;
