import type { OpenSide } from '../side.ts';
import type { Payload } from './make-side.ts';
import { openPgBoss } from './open-pg-boss.ts';

/** More workers would select the same rows, get a part of a batch each, and then wait for their next poll. */
const workers = 1;
const options = {
  /** The number that graphile-worker's page on performance takes at once. */
  batchSize: 500,
  burstWhenBatchFull: true,
  perJobResults: true,
  /** Its minimum. It only matters when a batch was not full. */
  pollingIntervalSeconds: 0.5,
} as const;

/** Its fastest way: the handler gets many jobs at once and returns a result for each. */
const openPgBossTuned: OpenSide = () =>
  openPgBoss({
    settings:
      `batches of ${options.batchSize} to one handler call and one completion, with a result per job; one worker in ` +
      `process, the next batch at once while they are full, poll ${options.pollingIntervalSeconds} s; insert for bulk`,
    workers,
    startWorkers: (boss, { queue, handle }) =>
      boss.work<Payload, void, typeof options>(queue, options, async (jobs) => {
        for (const { data } of jobs) handle(data);
        return jobs.map(({ id }) => ({ id, status: 'completed' }));
      }),
  });

export default openPgBossTuned;
