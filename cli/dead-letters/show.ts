import type { Client } from '../../client/index.ts';
import { filledLines } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { isFinal } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { type IdFlags, readOneId } from '../ids.ts';
import { print, printJson } from '../output/print.ts';
import type { DeadLetter } from './describe.ts';
import { describeDeadLetter } from './describe.ts';
import { endedRed, isDeadLetter } from './read-dead-letters.ts';

export interface ShowFlags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

const tailLines = 20;

/** Prints one. Errors: `conflict` for a job that did not end red. */
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
