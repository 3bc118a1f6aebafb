import { limits } from '../protocol/limits.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { isFinal } from '../protocol/states.ts';
import type { Client } from './client.ts';
import { createLongPolls, type LongPollOptions } from './long-polls.ts';

/** What is known of a run: itself and its jobs by id, in the order in which they were first seen. */
export interface RunView {
  readonly run: Run;
  readonly jobs: ReadonlyMap<string, Job>;
}

export interface WaitOptions extends LongPollOptions {
  /** What the submit answered: the server is known then, and an outage is outlasted from the first call on. */
  readonly submitted?: Run | undefined;
  /** Called after each answer with the jobs that changed since the last one. */
  readonly onChange?: ((view: RunView, changed: readonly Job[]) => void) | undefined;
}

/**
 * Follows a run with long polls until it is final, `timeoutMs` is over or the server is away for too long.
 * The answer's `run.status` says which: the caller must not take a run that is not final for a verdict.
 */
export async function waitForRun(client: Client, runId: string, options: WaitOptions = {}): Promise<RunView> {
  const calls = createLongPolls(client, options);
  const jobs = new Map<string, Job>();
  let view: RunView | undefined = options.submitted && { run: options.submitted, jobs };
  let afterRev = 0;
  let holdMs = 0;
  for (;;) {
    const answer = await calls.ask('getRun', runId, { afterRev, holdMs, known: view !== undefined });
    if (!answer) return view as RunView;
    const { jobs: changed, more, ...run } = answer;
    for (const job of changed) jobs.set(job.job_id, job);
    afterRev = more ? (changed.at(-1)?.rev ?? afterRev) : run.rev;
    view = { run, jobs };
    options.onChange?.(view, changed);
    if (!more && (isFinal(run.status) || calls.isOver())) return view;
    holdMs = more ? 0 : limits.longPollMs;
  }
}

interface WaitJobOptions extends LongPollOptions {
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
