import type { Lease } from '../../../protocol/shapes/agent.ts';
import type { Deps } from '../store/deps.ts';

/** The spans of the jobs of a new lease: how long each was queued. Of a later attempt it is not known here since when. */
export function traceJobs({ traceQueued, now }: Deps, { jobs, target }: Lease): void {
  for (const { traceparent, next_attempt, submitted_at, run_at, job_id: jobId } of jobs) {
    if (traceparent === undefined || next_attempt > 1) continue;
    traceQueued?.({ traceparent, from: Date.parse(run_at ?? submitted_at), to: now(), jobId, target });
  }
}
