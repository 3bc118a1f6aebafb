import type { OpenSide } from '../side.ts';
import { openGraphile } from './open-graphile.ts';

/** The settings from its page on performance. Their price: a crash leaves up to 500 jobs locked for four hours. */
const tuning = { concurrency: 24, localQueue: 500, batchDelayMs: 0 };

const openGraphileTuned: OpenSide = () =>
  openGraphile({
    concurrency: tuning.concurrency,
    connections: tuning.concurrency + 1,
    worker: {
      localQueue: { size: tuning.localQueue },
      completeJobBatchDelay: tuning.batchDelayMs,
      failJobBatchDelay: tuning.batchDelayMs,
    },
    settings:
      `those of its page on performance: ${tuning.concurrency} jobs at a time, local queue of ${tuning.localQueue}, ` +
      `completion and failure in batches after ${tuning.batchDelayMs} ms; addJobs for bulk; one worker pool in process`,
  });

export default openGraphileTuned;
