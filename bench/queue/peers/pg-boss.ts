import type { OpenSide } from '../side.ts';
import type { Payload } from './make-side.ts';
import { openPgBoss } from './open-pg-boss.ts';

/** More take the same rows into view, get part of a batch each, and then wait for a poll. */
const workers = 1;
const options = {
  /** As many as graphile-worker's page on performance takes at once. */
  batchSize: 500,
  burstWhenBatchFull: true,
  perJobResults: true,
  /** Its least. It counts only when a batch was not full. */
  pollingIntervalSeconds: 0.5,
} as const;

/** As fast as it goes: the handler is called with many jobs at once, and says what became of each. */
const openPgBossTuned: OpenSide = () =>
  openPgBoss({
    name: 'pg-boss',
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
