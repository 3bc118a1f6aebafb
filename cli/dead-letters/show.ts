import type { Client } from '../../client/index.ts';
import { filledLines } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Attempt, Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { type IdFlags, readOneId } from '../ids.ts';
import { describeJob } from '../output/describe-job.ts';
import { print, printJson } from '../output/print.ts';
import { formatTable } from '../output/table.ts';
import { endedRed, isDeadLetter } from './read-dead-letters.ts';

export interface ShowFlags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

const tailLines = 20;

/** Prints a dead letter. Errors: `conflict` for a job that did not end red. */
export async function showDeadLetter(given: readonly string[], flags: ShowFlags): Promise<void> {
  const { id, kind } = readOneId(given, flags);
  if (kind === 'run') throw new QgjobError('invalid', `${id} is a run; \`qgjob status ${id}\` tells of it`);
  const letter = await readDeadLetter(connect(flags), id);
  const { job, attempts, logTail, isTakenUp } = letter;
  if (flags.json) printJson({ ...job, attempts, log_tail: logTail, taken_up: isTakenUp });
  else for (const line of describeDeadLetter(letter)) print(line);
}

async function readDeadLetter(client: Client, id: string): Promise<DeadLetter> {
  const params = { id };
  const job = await client.call('getJob', { params });
  if (!endedRed(job)) {
    const how = isFinal(job.status) ? job.status : `${job.status}, not final`;
    throw new QgjobError('conflict', `${id} is ${how}: no dead letter; \`qgjob status ${id}\` tells of it`);
  }
  const [{ attempts }, log, isDead] = await Promise.all([
    client.call('listAttempts', { params }),
    job.attempt === 0 ? new Uint8Array() : client.call('readLogs', { params }),
    isDeadLetter(client, job),
  ]);
  const logTail = filledLines(new TextDecoder().decode(log)).slice(-tailLines);
  return { job, attempts, logTail, isTakenUp: !isDead };
}

/** A job that ended red, with its attempts and the end of its log. */
interface DeadLetter {
  readonly job: Job;
  readonly attempts: readonly Attempt[];
  /** Of its last attempt. */
  readonly logTail: readonly string[];
  /** Whether a retry has taken it up. */
  readonly isTakenUp: boolean;
}

/** A dead letter, attempt by attempt, with the end of its log and the commands that go on from here. */
const describeDeadLetter = (letter: DeadLetter): string[] => [
  ...describeJob(letter.job, letter.attempts),
  ...describeLog(letter.job.attempt, letter.logTail),
  '',
  ...describeWays(letter),
];

function describeWays({ job, logTail, isTakenUp }: DeadLetter): string[] {
  const advice = isTakenUp
    ? 'again, though a later run has taken it up'
    : 'again, once what was wrong is known';
  return formatTable([
    [`qgjob dead-letters retry ${job.job_id}`, advice],
    ...(logTail.length > 0 ? [[`qgjob logs ${job.job_id}`, 'its whole log']] : []),
    [`qgjob status ${job.run_id}`, 'its run'],
  ]);
}

function describeLog(attempt: number, lines: readonly string[]): string[] {
  if (attempt === 0) return [];
  if (lines.length === 0) return ['', `attempt ${attempt} left no log`];
  const which = lines.length === 1 ? 'the last line' : `the last ${lines.length} lines`;
  return ['', `${which} of the log of attempt ${attempt}:`, ...lines.map((line) => `  ${line}`)];
}
