import { formatDuration } from '../../protocol/durations.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { isDraining } from '../agent.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import { openAttemptLog, writeLine } from './attempt-log.ts';
import { deliverVerdict } from './deliver-verdict.ts';
import type { LeaseWork } from './lease-work.ts';
import { runAttempt } from './run-attempt.ts';

/** `next`: go on with the lease; `over`: it is not ours any more, or nothing new may be started. */
export type Then = 'next' | 'over';

/** One job of a lease: start, run, log, finish. `installs` happened for it and were not counted yet. */
export async function runJob(work: LeaseWork, job: LeasedJob, installs: number): Promise<Then> {
  const { agent, live } = work;
  await agent.renewal.whenFresh(AbortSignal.any([live.lost, agent.stop.drain]));
  if (live.lost.aborted || isDraining(agent) || !agent.renewal.fresh()) return 'over';
  const stop = live.begin(job.job_id);
  try {
    const started = await startJob(work, job);
    return started === 'started' ? await finishJob(work, job, stop, installs) : started;
  } finally {
    live.end();
  }
}

async function startJob({ agent, live, lease }: LeaseWork, job: LeasedJob): Promise<'started' | Then> {
  try {
    await agent.client.call('startJob', {
      params: { id: lease.lease_id, job_id: job.job_id },
      body: { attempt: job.next_attempt },
      signal: AbortSignal.any([live.lost, agent.stop.kill]),
    });
    return 'started';
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'job_cancelled') {
      live.open.delete(job.job_id);
      agent.say(`${job.test_path}  cancelled before its start`);
      return 'next';
    }
    agent.say(`${job.test_path}  not started: ${(error as Error).message}`);
    return 'over';
  }
}

async function finishJob(
  work: LeaseWork,
  job: LeasedJob,
  stop: AbortSignal,
  installs: number,
): Promise<Then> {
  const { agent, live, slot } = work;
  const startedAt = agent.now();
  const log = openAttemptLog(work, job);
  const result = await runAttempt(work, job, stop, log);
  const durationMs = Math.round(agent.now() - startedAt);
  writeLine(log, agent.redact(`${inWords(result)} after ${formatDuration(durationMs)}`));
  await log.close(agent.timing.logCloseMs);
  if (live.lost.aborted) {
    agent.say(`${slot.device.offer.name}  ${job.test_path}  dropped: the server took the lease back`);
    return 'over';
  }
  agent.say(`${slot.device.offer.name}  ${job.test_path}  ${inWords(result)}  ${formatDuration(durationMs)}`);
  const delivered = await deliverVerdict(agent, live, job, result, { durationMs, installs });
  if (delivered === 'over') return 'over';
  if (log.pending) await log.close(agent.timing.logCloseMs);
  return 'next';
}

/** `passed`, `error (timeout)`. */
function inWords({ verdict, error_class }: AttemptResult): string {
  return error_class === undefined ? verdict : `${verdict} (${error_class})`;
}
