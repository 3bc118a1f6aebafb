import { isRetryable } from '../../client/index.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { appendToServer } from '../logs/append-to-server.ts';
import { LogPump } from '../logs/log-pump.ts';
import type { AttemptResult } from '../reports/attempt-result.ts';
import { type LeaseWork, mayStart } from './lease-work.ts';
import { reportVerdict } from './report-verdict.ts';
import { runAttempt } from './run-attempt.ts';

/** `skipped`: cancelled before its start. `over`: the lease is not ours any more, or nothing may start. */
export type JobEnd = 'done' | 'skipped' | 'over';

/** One job of a lease: start, run, log, finish. `installs`: made for it and not reported yet. */
export async function runJob(work: LeaseWork, job: LeasedJob, installs: number): Promise<JobEnd> {
  const stop = work.live.begin(job.job_id);
  try {
    const started = await startJob(work, job);
    return started === 'started' ? await carryOut(work, job, stop, installs) : started;
  } finally {
    work.live.end();
  }
}

/**
 * Asks for the start until the answer is known: a server that is away may have started the job. It stops asking when
 * nothing may be started any more, and after `verdictMs`: where only this call never gets through, another agent may
 * run the job, and the device has other work. An outage does not count: `mayStart` waits for its end, and then the
 * client itself tries the call again for a while.
 */
async function startJob(work: LeaseWork, job: LeasedJob): Promise<'started' | JobEnd> {
  const { agent, live, lease } = work;
  const params = { id: lease.lease_id, job_id: job.job_id };
  const signal = AbortSignal.any([live.lost, agent.stop.kill]);
  const from = agent.now();
  while (await mayStart(work)) {
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
async function mayGoOn({ agent, live }: LeaseWork): Promise<'started' | JobEnd> {
  await agent.renewal.whenFresh(AbortSignal.any([live.lost, agent.stop.kill]));
  return live.lost.aborted ? 'over' : 'started';
}

function notStarted({ agent, live }: LeaseWork, job: LeasedJob, error: unknown): JobEnd {
  if (error instanceof QgjobError && error.code === 'job_cancelled') {
    live.open.delete(job.job_id);
    agent.say(`${job.test_path}  cancelled before its start`);
    return 'skipped';
  }
  agent.say(`${job.test_path}  not started: ${(error as Error).message}`);
  return 'over';
}

async function carryOut(
  work: LeaseWork,
  job: LeasedJob,
  stop: AbortSignal,
  installs: number,
): Promise<JobEnd> {
  const { agent, live, slot } = work;
  const device = slot.device.offer.name;
  const startedAt = agent.now();
  const log = openAttemptLog(work, job);
  const result = await runAttempt(work, job, stop, log);
  const durationMs = Math.round(agent.now() - startedAt);
  const words = `${inWords(result)}  ${formatDuration(durationMs)}`;
  writeLine(log, words);
  if (live.lost.aborted) {
    agent.say(`${device}  ${job.test_path}  dropped: the server took the lease back`);
    await log.close(agent.timing.logCloseMs);
    return 'over';
  }
  agent.say(`${device}  ${job.test_path}  ${words}`);
  return reportVerdict(agent, live, job, result, { durationMs, installs }, log);
}

/** `passed`, `error (timeout)`. */
function inWords({ verdict, error_class }: AttemptResult): string {
  return error_class === undefined ? verdict : `${verdict} (${error_class})`;
}

/** Opens the log of a job's next attempt; its first line says which job and device it is. */
export function openAttemptLog({ agent, slot, lease, live }: LeaseWork, job: LeasedJob): LogPump {
  const attempt = job.next_attempt;
  const log = new LogPump({
    append: appendToServer(live.client, { leaseId: lease.lease_id, jobId: job.job_id, attempt }),
    masks: agent.masks,
    flushMs: agent.timing.logFlushMs,
    flushBytes: agent.timing.logFlushBytes,
  });
  const what = `${job.test_path}, attempt ${attempt}, app version ${lease.app_version_id}`;
  writeLine(log, `${what}, on ${slot.device.offer.name} of ${agent.config.name}`);
  return log;
}

/** A line of the agent in the output of the test. */
export function writeLine(log: LogPump, line: string): void {
  log.write(Buffer.from(`[qgjob] ${oneLine(line)}\n`));
}
