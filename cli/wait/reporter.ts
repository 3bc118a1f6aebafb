import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { describeFailure } from '../output/failures.ts';
import { print, printJson } from '../output/print.ts';
import { summarize, verdictLine } from './summary.ts';

/** What a wait prints on stdout. */
export interface Reporter {
  /** A job of a run ended. */
  jobEnded(job: Job): void;
  /** A run is final, or the wait for it is over. */
  runEnded(run: Run, jobs: Iterable<Job>): void;
  /** A job that was waited for by itself is final. */
  aloneEnded(job: Job): void;
}

export const textReporter: Reporter = {
  jobEnded: (job) => print(verdictLine(job)),
  runEnded(run, jobs) {
    if (run.finished_at !== null) for (const line of summarize(run, jobs)) print(line);
  },
  aloneEnded(job) {
    print(verdictLine(job));
    if (job.status === 'failed') for (const line of describeFailure(job, '  ')) print(line);
  },
};

/** One object a line: each job as it ends, a run last. */
export const jsonReporter: Reporter = {
  jobEnded: printJson,
  runEnded: (run) => printJson(run),
  aloneEnded: printJson,
};
