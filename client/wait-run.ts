import { limits } from '../protocol/limits.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import { isFinal } from '../protocol/states.ts';
import type { Client } from './client.ts';

/** What is known of a run: itself and its jobs by id, in the order in which they were first seen. */
export interface RunView {
  readonly run: Run;
  readonly jobs: ReadonlyMap<string, Job>;
}

export interface WaitOptions {
  /** Called after each answer with the jobs that changed since the last one. */
  readonly onChange?: ((view: RunView, changed: readonly Job[]) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Stop waiting after this many ms and answer what is known; the run goes on. Absent: no limit. */
  readonly timeoutMs?: number | undefined;
  /** How long the server may be away before the wait gives up, in ms. Default 10 minutes. */
  readonly outageMs?: number | undefined;
  readonly onRetry?: ((message: string) => void) | undefined;
}

/**
 * Follows a run with held calls until it is final, `timeoutMs` is over or the server is away for too long.
 * The answer's `run.status` says which: the caller must not take a run that is not final for a verdict.
 */
export async function waitForRun(client: Client, runId: string, options: WaitOptions = {}): Promise<RunView> {
  const patient = client.with({
    forMs: options.outageMs ?? 600_000,
    onRetry: (error) => options.onRetry?.(error.message),
  });
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const jobs = new Map<string, Job>();
  let rev = 0;
  let holdMs = 0;
  for (;;) {
    const answer = await patient.call('getRun', {
      params: { id: runId },
      query: {
        after_rev: rev,
        wait_ms: Math.max(0, Math.min(holdMs, Math.floor(deadline - performance.now()))),
      },
      signal: options.signal,
      timeoutMs: limits.holdMs + 10_000,
    });
    const { jobs: changed, more, ...run } = answer;
    for (const job of changed) jobs.set(job.job_id, job);
    rev = more ? (changed.at(-1)?.rev ?? rev) : run.rev;
    const view = { run, jobs };
    options.onChange?.(view, changed);
    if (!more && (isFinal(run.status) || performance.now() >= deadline)) return view;
    holdMs = more ? 0 : limits.holdMs;
  }
}
