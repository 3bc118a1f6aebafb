import type { Client } from '../../client/index.ts';
import { longPollSlackMs } from '../../client/long-polls.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { limits } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { say, stdoutGone } from '../output/print.ts';

export interface LogSink {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

// A log grows without a change of its job: while a test runs, this is how often it is looked at, in ms.
const pollMs = 1000;

/** What is there now of one attempt, by default the last. Errors: `not_found`. */
export async function printLog(
  client: Client,
  id: string,
  attempt: number | undefined,
  sink: LogSink,
): Promise<void> {
  const job = await client.call('getJob', { params: { id } });
  if (job.attempt === 0) say(noAttempt(job));
  else if (attempt !== undefined && attempt > job.attempt) say(`the job has ${attemptsOf(job)}`);
  await drain(client, id, attempt ?? Math.max(1, job.attempt), 0, sink);
  await sink.end();
}

/** The attempts one after another, from `attempt` on or from the last one, until the job is final. */
export async function followLog(
  client: Client,
  id: string,
  attempt: number | undefined,
  sink: LogSink,
): Promise<void> {
  let job = await client.call('getJob', { params: { id } });
  let shown = attempt ?? Math.max(1, job.attempt);
  let offset = 0;
  while (!stdoutGone.aborted) {
    // Whether there is more to come is asked before the log is read: what was written last must not be missed.
    offset = await drain(client, id, shown, offset, sink);
    if (job.attempt > shown && attempt === undefined) {
      shown += 1;
      offset = 0;
      say(`attempt ${shown}`);
    } else if (isFinal(job.status) || job.attempt > shown) break;
    else job = await nextChange(client, job);
  }
  await sink.end();
}

async function nextChange(client: Client, job: Job): Promise<Job> {
  const waitMs = job.status === 'running' ? pollMs : limits.longPollMs;
  try {
    return await client.call('getJob', {
      params: { id: job.job_id },
      query: { after_rev: job.rev, wait_ms: waitMs },
      timeoutMs: waitMs + longPollSlackMs,
      signal: stdoutGone,
    });
  } catch (error) {
    if (stdoutGone.aborted) return job;
    throw error;
  }
}

/** Everything from `offset` on; answers where it ended. */
async function drain(
  client: Client,
  id: string,
  attempt: number,
  offset: number,
  sink: LogSink,
): Promise<number> {
  const bytes = await client.call('readLogs', { params: { id }, query: { attempt, offset } });
  await sink.write(bytes);
  return offset + bytes.length;
}

const attemptsOf = (job: Job): string => `${job.attempt} attempt${job.attempt === 1 ? '' : 's'} only`;

const noAttempt = ({ status, error }: Job): string =>
  isFinal(status)
    ? `the job ended without an attempt, so there is no log: ${oneLine(error ?? status)}`
    : `no attempt has started yet: the job is ${status}`;
