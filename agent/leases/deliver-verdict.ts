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
export type Delivered = 'accepted' | 'over';

/**
 * Reports the verdict of an attempt and waits for the answer, also while the server is away. A lease that was taken
 * back means that the verdict counts for nothing: it is dropped. The disk spool of verdicts belongs here: written
 * before the first try, removed at an answer.
 */
export async function deliverVerdict(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  result: AttemptResult,
  cost: AttemptCost,
): Promise<Delivered> {
  const body: FinishJob = {
    attempt: job.next_attempt,
    ...fitReport(result, agent.redact),
    duration_ms: cost.durationMs,
    ...(cost.installs && { installs: cost.installs }),
  };
  try {
    await offer(agent, live, job, body);
  } catch (error) {
    const code = error instanceof QgjobError ? error.code : undefined;
    if (code === 'invalid' || code === 'too_large')
      return confess(agent, live, job, cost, error as QgjobError);
    agent.say(`${job.test_path}: its verdict was not taken: ${(error as Error).message}`);
    // Another verdict stands for this attempt; the rest of the lease is still ours.
    if (code !== 'conflict') return 'over';
  }
  live.open.delete(job.job_id);
  return 'accepted';
}

async function offer(agent: Agent, live: LiveLease, job: LeasedJob, body: FinishJob): Promise<void> {
  const { kill } = agent.stop;
  const hurried = kill.aborted;
  const { verdictMs, logCloseMs } = agent.timing;
  try {
    await agent.client.with({ forMs: hurried ? logCloseMs : verdictMs }).call('finishJob', {
      params: { id: live.id, job_id: job.job_id },
      body,
      ...(hurried ? {} : { signal: kill }),
    });
  } catch (error) {
    if (hurried || !kill.aborted) throw error;
    await offer(agent, live, job, body);
  }
}

/** A report that the server cannot read must not cost the verdict its truth: say that it was lost. */
async function confess(
  agent: Agent,
  live: LiveLease,
  job: LeasedJob,
  { durationMs }: AttemptCost,
  refusal: QgjobError,
): Promise<Delivered> {
  const why = `the server did not take this attempt's report: ${refusal.message}`;
  agent.say(`${job.test_path}: ${why}`);
  try {
    const lost = fitReport(errored('infra_error', why), agent.redact);
    await offer(agent, live, job, { attempt: job.next_attempt, ...lost, duration_ms: durationMs });
    live.open.delete(job.job_id);
    return 'accepted';
  } catch (error) {
    agent.say(`${job.test_path}: its verdict was not taken: ${(error as Error).message}`);
    return 'over';
  }
}
