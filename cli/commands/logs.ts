import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { longPollSlackMs } from '../../client/long-polls.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { plural } from '../../protocol/words.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { LogCleaner } from '../output/log-cleaner.ts';
import { printBytes, say, stdoutGone } from '../output/print.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly follow?: true;
  readonly attempt?: number;
  readonly raw?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Print what a test wrote. Colours are kept; control sequences that move the cursor, set titles or hide text are ' +
        'left out, also for a file or a pipe, which is often shown later. --raw prints the bytes as they are.',
    )
    .argument('[id]', 'a job')
    .option('-f, --follow', 'go on until the job is final')
    .option('--attempt <number>', 'of this attempt (the last one)', wholeNumber)
    .option('--raw', 'the bytes as they are, also what a terminal would act on');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'job') {
      throw new QgjobError(
        'invalid',
        `${id} is a run; logs are of a job: \`qgjob list --run=${id}\` names them`,
      );
    }
    const show = flags.follow ? followLog : printLog;
    await show(connect(flags), id, flags.attempt, openSink(flags.raw === true));
  });
}

function openSink(isRaw: boolean): LogSink {
  if (isRaw) return { write: printBytes, end: () => Promise.resolve() };
  const cleaner = new LogCleaner();
  return {
    write: (bytes) => printBytes(cleaner.push(bytes)),
    end: () => printBytes(cleaner.end()),
  };
}

interface LogSink {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

// How often the log of a running test is read, in ms: it grows without a change of its job.
const pollMs = 1000;

/** Prints what there is of one attempt, by default the last. Errors: `not_found`. */
async function printLog(
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

/** Prints one attempt, or from the last one on each that follows, until the job is final. */
async function followLog(
  client: Client,
  id: string,
  attempt: number | undefined,
  sink: LogSink,
): Promise<void> {
  let job = await client.call('getJob', { params: { id } });
  let shown = attempt ?? Math.max(1, job.attempt);
  let offset = 0;
  while (!stdoutGone.aborted) {
    // The job was read before its log, so nothing that was written before its end is missed.
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

/** Prints everything from `offset` on; returns the new offset. */
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

const attemptsOf = (job: Job): string => `${plural(job.attempt, 'attempt')} only`;

const noAttempt = ({ status, error }: Job): string =>
  isFinal(status)
    ? `the job ended without an attempt, so there is no log: ${oneLine(error ?? status)}`
    : `no attempt has started yet: the job is ${status}`;
