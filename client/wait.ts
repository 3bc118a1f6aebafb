import { limits } from '../protocol/limits.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { isFinal } from '../protocol/states.ts';
import type { Client } from './client.ts';
import { createLongPolls, type LongPollOptions } from './long-polls.ts';

/** What is known of a run: its newest state, and its jobs by id in the order in which they were first seen. */
export interface RunView {
  readonly run: Run;
  readonly jobs: ReadonlyMap<string, Job>;
}

export interface WaitOptions extends LongPollOptions {
  /** The answer of the submit. With it an outage is outlasted from the first call on. */
  readonly submitted?: Run | undefined;
  /** Called after each answer, with the jobs that have changed since the last one. */
  readonly onChange?: ((view: RunView, changed: readonly Job[]) => void) | undefined;
}

/**
 * Follows a run with long polls until it is final or `timeoutMs` is over: `run.status` says which, and a run that is
 * not final has no verdict. Errors: the server's; `unavailable` when it was away for longer than `outageMs`.
 */
export async function waitForRun(client: Client, runId: string, options: WaitOptions = {}): Promise<RunView> {
  const polls = createLongPolls(client, options);
  const jobs = new Map<string, Job>();
  let view: RunView | undefined = options.submitted && { run: options.submitted, jobs };
  let afterRev = 0;
  let longestMs = 0;
  for (;;) {
    const answer = await polls.poll('getRun', runId, { afterRev, longestMs, known: view !== undefined });
    if (!answer) return view as RunView;
    const { jobs: changed, more, ...run } = answer;
    for (const job of changed) jobs.set(job.job_id, job);
    afterRev = more ? (changed.at(-1)?.rev ?? afterRev) : run.rev;
    view = { run, jobs };
    options.onChange?.(view, changed);
    if (!more && (isFinal(run.status) || polls.isOver())) return view;
    longestMs = more ? 0 : limits.longPollMs;
  }
}

interface WaitJobOptions extends LongPollOptions {
  /** Called after each answer. */
  readonly onChange?: ((job: Job) => void) | undefined;
}

/** As `waitForRun`, for one job. */
export async function waitForJob(client: Client, jobId: string, options: WaitJobOptions = {}): Promise<Job> {
  const polls = createLongPolls(client, options);
  let job: Job | undefined;
  for (;;) {
    const answer = await polls.poll('getJob', jobId, {
      afterRev: job?.rev ?? 0,
      longestMs: job ? limits.longPollMs : 0,
      known: job !== undefined,
    });
    if (!answer) return job as Job;
    job = answer;
    options.onChange?.(job);
    if (isFinal(job.status) || polls.isOver()) return job;
  }
}
