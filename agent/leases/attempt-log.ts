import { oneLine } from '../../protocol/clean-text.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { appendToServer } from '../logs/append-to-server.ts';
import { LogPump } from '../logs/log-pump.ts';
import type { LeaseWork } from './lease-work.ts';

/** The log of a job's next attempt, with a first line that says what it is. */
export function openAttemptLog({ agent, slot, lease }: LeaseWork, job: LeasedJob): LogPump {
  const attempt = job.next_attempt;
  const log = new LogPump({
    append: appendToServer(agent.client, { leaseId: lease.lease_id, jobId: job.job_id, attempt }),
    masks: agent.masks,
    flushMs: agent.timing.logFlushMs,
    flushBytes: agent.timing.logFlushBytes,
  });
  const what = `${job.test_path}, attempt ${attempt}, app version ${lease.app_version_id}`;
  writeLine(log, `${what}, on ${slot.device.offer.name} of ${agent.config.name}`);
  return log;
}

/** A line of ours among what the test prints. */
export function writeLine(log: LogPump, line: string): void {
  log.write(Buffer.from(`[qgjob] ${oneLine(line)}\n`));
}
