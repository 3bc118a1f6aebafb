import { limits } from '../protocol/limits.ts';
import type { Job } from '../protocol/shapes/job.ts';
import { isFinal } from '../protocol/states.ts';
import type { Client } from './client.ts';
import { createLongPolls, type LongPollOptions } from './long-polls.ts';

export interface WaitJobOptions extends LongPollOptions {
  /** Called after each answer. */
  readonly onChange?: ((job: Job) => void) | undefined;
}

/** As `waitForRun`, for one job. The caller must not take a job that is not final for a verdict. */
export async function waitForJob(client: Client, jobId: string, options: WaitJobOptions = {}): Promise<Job> {
  const calls = createLongPolls(client, options);
  let job: Job | undefined;
  for (;;) {
    const answer = await calls.ask('getJob', jobId, {
      afterRev: job?.rev ?? 0,
      holdMs: job ? limits.longPollMs : 0,
      known: job !== undefined,
    });
    if (!answer) return job as Job;
    job = answer;
    options.onChange?.(job);
    if (isFinal(job.status) || calls.isOver()) return job;
  }
}
