import { oneLine } from '../../protocol/clean-text.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { appendToServer } from '../logs/append-to-server.ts';
import { LogPump } from '../logs/log-pump.ts';
import type { LeaseWork } from './lease-work.ts';

/**
 * Opens the log of a job's next attempt; its first line says which job and device it is. Nothing is sent before
 * `started`: the server does not know the attempt until then.
 */
export function openAttemptLog(
  { agent, slot, lease, live }: LeaseWork,
  job: LeasedJob,
  started?: Promise<unknown>,
): LogPump {
  const attempt = job.next_attempt;
  const append = appendToServer(live.client, { leaseId: lease.lease_id, jobId: job.job_id, attempt });
  const log = new LogPump({
    append: async (...bytes) => {
      await started;
      return append(...bytes);
    },
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
