import { QgjobError } from '../../protocol/errors.ts';
import type { FinishJob, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { Agent } from '../agent.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { fitReport } from '../reports/fit-report.ts';
import type { LiveLease } from './live-lease.ts';

/** What happened beside the verdict. */
export interface AttemptCost {
  readonly durationMs: number;
  /** Installs within the attempt. */
  readonly installs?: number;
}

/** `over`: the lease is not ours any more, so its other jobs are not either. */
export type Delivered = 'done' | 'over';

/** Refusals of a report, not of its verdict. */
const unreadable: readonly unknown[] = ['invalid', 'too_large'];
/** Refusals that are about this job alone: another verdict stands, or it was cancelled meanwhile. */
const settled: readonly unknown[] = ['conflict', 'job_cancelled'];

/**
 * Reports the verdict of an attempt and waits for the answer, also while the server is away. A lease that was taken
 * back means that the verdict counts for nothing: it is dropped. It waits in memory; an agent that is killed
 * meanwhile has lost it.
 */
export async function deliverVerdict(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  cost: AttemptCost,
): Promise<Delivered> {
  let refusal = await offer(agent, live, job, result, cost);
  if (refusal && unreadable.includes(codeOf(refusal))) {
    // The verdict must not be lost with its report, and must not be green without one: say what happened.
    const why = `the server did not take this attempt's report: ${refusal.message}`;
    refusal = await offer(agent, live, job, errored('infra_error', why), cost);
  }
  if (refusal) agent.say(`${job.test_path}: its verdict was not taken: ${refusal.message}`);
  if (refusal && !settled.includes(codeOf(refusal))) return 'over';
  live.open.delete(job.job_id);
  return 'done';
}

const codeOf = (error: Error): unknown => (error instanceof QgjobError ? error.code : undefined);

/** Undefined when the server took it. An agent that is being killed offers it once more, in a hurry. */
async function offer(
  agent: Agent,
  { id }: LiveLease,
  { job_id, next_attempt: attempt }: LeasedJob,
  result: AttemptResult,
  { durationMs, installs }: AttemptCost,
): Promise<Error | undefined> {
  const report = fitReport(result, agent.redact);
  const body: FinishJob = { attempt, ...report, duration_ms: durationMs, ...(installs && { installs }) };
  const send = (forMs: number, signal?: AbortSignal) =>
    agent.client.with({ forMs }).call('finishJob', { params: { id, job_id }, body, signal });
  const { kill } = agent.stop;
  try {
    await send(agent.timing.verdictMs, kill).catch((error: unknown) => {
      if (!kill.aborted) throw error;
      return send(agent.timing.logCloseMs);
    });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
