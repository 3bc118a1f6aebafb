import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readIds } from '../ids.ts';
import { addConnection, duration } from '../options.ts';
import { waitFor } from '../wait/wait-for.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly timeout?: number;
  readonly json?: true;
}

const { success, failed, waitTimedOut } = exitCodes;

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Show a run while it goes on: the running tests with their devices, its place in the queue, failures as they come. ' +
        `Ctrl-C leaves it running. Exit ${success} when all passed, ${failed} when not, ${waitTimedOut} when the wait timed out.`,
    )
    .argument('[ids...]', 'runs and jobs')
    .option('--timeout <time>', 'stop after this long, like 30m; a bare number is seconds', duration)
    .option('--json', 'print each Job as it ends, one JSON object a line, and each Run last');
  addConnection(addIdFlags(command)).action(async (given: string[], flags: Flags) => {
    const ids = readIds(given, flags);
    done(await waitFor(connect(flags), ids, { timeoutMs: flags.timeout, json: flags.json ?? false }));
  });
}
