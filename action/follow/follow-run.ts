import { type Client, waitForRun } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import { isFinal } from '../../protocol/states.ts';
import type { RunRecord } from '../../report/run-record.ts';
import { withoutCommands } from '../log/quiet-log.ts';
import { createProgress } from './progress.ts';
import { createQueueNews } from './queue-news.ts';
import { type Ending, updateRecord } from './run-record.ts';

export interface Followed {
  readonly ending: Ending;
  readonly record: RunRecord;
  readonly evidence?: Evidence | undefined;
  /** Why the run could not be followed to its end. */
  readonly error?: QgjobError;
}

export interface FollowOptions {
  /** How long to wait, in ms. */
  readonly timeoutMs: number | undefined;
  /** Fires when the workflow is cancelled. */
  readonly stop: AbortSignal;
}

/** Waits for the run's verdict and prints its progress. An error of the server is the ending `lost`, not thrown. */
export function followRun(client: Client, start: RunRecord, options: FollowOptions): Promise<Followed> {
  return withoutCommands(async (say, fold): Promise<Followed> => {
    const now = () => performance.now();
    const showProgress = createProgress(say, now);
    const news = createQueueNews(client, { say, fold, stop: options.stop, now });
    let record = start;
    try {
      await waitForRun(client, start.run.run_id, {
        submitted: start.run,
        timeoutMs: options.timeoutMs,
        signal: options.stop,
        onChange(view, changed) {
          record = updateRecord(record, view.run, view.jobs);
          showProgress(view, changed);
          news.look(view, changed);
        },
        onRetry: (message) => say(`trying again: ${message}`),
      });
      return { ending: isFinal(record.run.status) ? 'final' : 'timed_out', record };
    } catch (error) {
      if (options.stop.aborted) return { ending: 'stopped', record };
      if (error instanceof QgjobError) return { ending: 'lost', record, error };
      throw error;
    } finally {
      await news.settle();
    }
  });
}
