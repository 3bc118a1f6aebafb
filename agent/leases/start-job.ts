import { isRetryable } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';

/**
 * Asks for the start until the answer is known: a server that is away may have started the job. It stops asking when
 * nothing may be started any more, and after `verdictMs`: where only this call never gets through, another agent may
 * run the job, and the device has other work. An outage does not count: `mayAsk` waits for its end, and then the client
 * itself tries the call again for a while. `skipped`: cancelled before its start. `over`: the lease is not ours any
 * more, or nothing may start.
 */
export async function startJob(
  work: LeaseWork,
  job: LeasedJob,
  mayAsk: (work: LeaseWork) => Promise<boolean> = mayStart,
): Promise<'started' | 'skipped' | 'over'> {
  const { agent, live, lease } = work;
  const params = { id: lease.lease_id, job_id: job.job_id };
  const signal = AbortSignal.any([live.lost, agent.stop.kill]);
  const from = agent.now();
  while (await mayAsk(work)) {
    try {
      await live.client.call('startJob', { params, body: { attempt: job.next_attempt }, signal });
      agent.outages.over(job);
      return await mayGoOn(work);
    } catch (error) {
      const isOver = agent.now() - from > agent.timing.verdictMs;
      if (!isRetryable(error) || isOver) {
        agent.outages.drop(job);
        return notStarted(work, job, error);
      }
      agent.outages.say(`${job.test_path}: its start was not answered: ${error.message} (trying again)`, job);
    }
  }
  agent.outages.drop(job);
  return 'over';
}

/** The answer may have taken long, or this process stood still: the job may belong to another agent by now. */
async function mayGoOn({ agent, live }: LeaseWork): Promise<'started' | 'over'> {
  await agent.renewal.whenFresh(AbortSignal.any([live.lost, agent.stop.kill]));
  return live.lost.aborted ? 'over' : 'started';
}

function notStarted({ agent, live }: LeaseWork, job: LeasedJob, error: unknown): 'skipped' | 'over' {
  if (error instanceof QgjobError && error.code === 'job_cancelled') {
    live.open.delete(job.job_id);
    agent.say(`${job.test_path}  cancelled before its start`);
    return 'skipped';
  }
  agent.say(`${job.test_path}  not started: ${(error as Error).message}`);
  return 'over';
}
