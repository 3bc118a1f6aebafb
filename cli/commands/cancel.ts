import type { Command } from 'commander';
import type { Client } from '../../client/index.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { isFinal } from '../../protocol/states.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, type NamedId, readIds } from '../ids.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Cancel what is not final of runs and jobs. What is running is told to stop, and ends a little later.',
    )
    .argument('[ids...]', 'runs and jobs')
    .option('--json', 'print each Run or Job as one JSON object a line');
  addConnection(addIdFlags(command)).action(async (given: string[], flags: Flags) => {
    done(await cancelAll(readIds(given, flags), flags));
  });
}

/** One that is refused does not keep the others from being cancelled. */
async function cancelAll(ids: readonly NamedId[], flags: Flags): Promise<number> {
  const client = connect(flags);
  let exitCode: number = exitCodes.success;
  for (const id of ids) {
    try {
      const now = await cancelOne(client, id);
      if (flags.json) printJson(now);
      else print(`${id.id}  ${describe(now)}`);
    } catch (error) {
      if (!(error instanceof QgjobError) || ids.length === 1) throw error;
      say(`qgjob: ${oneLine(error.message)}`);
      exitCode = Math.max(exitCode, error.exitCode);
    }
  }
  return exitCode;
}

const cancelOne = (client: Client, { id, kind }: NamedId): Promise<Run | Job> =>
  client.call(kind === 'run' ? 'cancelRun' : 'cancelJob', { params: { id } });

function describe(now: Run | Job): string {
  if (!isFinal(now.status)) return 'running tests are told to stop';
  return now.status === 'cancelled' ? 'cancelled' : `was final already: ${now.status}`;
}
