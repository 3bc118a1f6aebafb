import { QgjobError } from '../../protocol/errors.ts';
import type { LeasedJob } from '../../protocol/shapes/agent.ts';
import { type AppendLog, LogPump } from '../logs/log-pump.ts';
import type { LeaseWork } from './lease-work.ts';

/** The log of a job's next attempt, with a first line that says what it is. */
export function openAttemptLog(work: LeaseWork, job: LeasedJob): LogPump {
  const { agent, slot, lease } = work;
  const log = new LogPump({
    append: appendTo(work, job),
    patterns: agent.patterns,
    flushMs: agent.timing.logFlushMs,
    flushBytes: agent.timing.logFlushBytes,
  });
  const what = `${job.test_path}, attempt ${job.next_attempt}, app version ${lease.app_version_id}`;
  writeLine(log, `${what}, on ${slot.device.offer.name} of ${agent.config.name}`);
  return log;
}

/** A line of ours among what the test prints. */
export function writeLine(log: LogPump, line: string): void {
  log.write(Buffer.from(`[qgjob] ${line}\n`));
}

function appendTo({ agent, lease }: LeaseWork, job: LeasedJob): AppendLog {
  return async (offset, bytes) => {
    try {
      const answer = await agent.client.call('appendLogs', {
        params: { id: lease.lease_id, job_id: job.job_id },
        query: { attempt: job.next_attempt, offset },
        body: bytes,
      });
      return answer.size;
    } catch (error) {
      return sizeAfter(error);
    }
  };
}

/** A gap tells where to go on; any other refusal is final; what may pass is thrown on, to be tried again. */
function sizeAfter(error: unknown): number | 'closed' {
  if (!(error instanceof QgjobError)) throw error;
  const size = error.details?.size;
  if (error.code === 'conflict' && typeof size === 'number') return size;
  if (error.code === 'unavailable' || error.code === 'internal' || error.code === 'rate_limited') throw error;
  return 'closed';
}
