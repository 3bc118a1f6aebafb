import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect, retrySubmitForMs } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { reportSubmitted } from '../wait/report-submitted.ts';
import { addWait, refuseTimeoutAlone, type WaitFlags } from '../wait/wait-flags.ts';

interface Flags extends ConnectionFlags, IdFlags, WaitFlags {
  readonly failed?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Run a final run or job again: a new run with the settings of the old one. Prints its id and one job id a line.',
    )
    .argument('[id]', 'a run, or a job, which makes a run of that one job')
    .option('--failed', 'only what did not pass');
  addConnection(addIdFlags(addWait(command))).action(async (given: string | undefined, flags: Flags) => {
    done(await retry(given === undefined ? [] : [given], flags));
  });
}

async function retry(given: readonly string[], flags: Flags): Promise<number> {
  refuseTimeoutAlone(flags);
  const { id, kind } = readOneId(given, flags);
  const client = connect(flags, retrySubmitForMs);
  const answer = await client.call(kind === 'run' ? 'retryRun' : 'retryJob', {
    params: { id },
    body: { only: flags.failed ? 'failed' : 'all' },
    // One key per command: a retry that is sent twice, because its answer was lost, is one run.
    idempotencyKey: randomUUID(),
  });
  return reportSubmitted(client, answer, flags);
}
