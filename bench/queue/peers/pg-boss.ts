import type { OpenSide } from '../side.ts';
import type { Payload } from './make-side.ts';
import { openPgBoss } from './open-pg-boss.ts';

const workers = 4;
const options = {
  batchSize: 100,
  burstWhenBatchFull: true,
  perJobResults: true,
  /** Its least. It counts only when a batch was not full. */
  pollingIntervalSeconds: 0.5,
} as const;
type Options = typeof options & { readonly localConcurrency: number };

/** As fast as it goes: the handler is called with many jobs at once, and says what became of each. */
const openPgBossTuned: OpenSide = () =>
  openPgBoss({
    name: 'pg-boss',
    settings:
      `batches of ${options.batchSize} to one handler call and one completion, with a result per job; ${workers} ` +
      `workers in process, the next batch at once while they are full, poll ${options.pollingIntervalSeconds} s; ` +
      'insert for bulk',
    workers,
    startWorkers: (boss, { queue, workers: localConcurrency, handle }) =>
      boss.work<Payload, void, Options>(queue, { ...options, localConcurrency }, async (jobs) => {
        for (const { data } of jobs) handle(data);
        return jobs.map(({ id }) => ({ id, status: 'completed' }));
      }),
  });

export default openPgBossTuned;
