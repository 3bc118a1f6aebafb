import type { Command } from 'commander';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readIds } from '../ids.ts';
import { addConnection, duration } from '../options.ts';
import { waitFor } from './wait-for.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly timeout?: number;
  readonly json?: true;
}

/** A command that waits for the runs and jobs that are named, and shows how they go meanwhile. */
export function defineWait(command: Command, description: string, done: (exitCode: number) => void): void {
  command
    .description(description)
    .argument('[ids...]', 'runs and jobs')
    .option('--timeout <time>', 'stop waiting after this long, like 30m; a bare number is seconds', duration)
    .option('--json', 'print each Job as it ends, one JSON object a line, and each Run last');
  addConnection(addIdFlags(command)).action(async (given: string[], flags: Flags) => {
    const ids = readIds(given, flags);
    done(await waitFor(connect(flags), ids, { timeoutMs: flags.timeout, json: flags.json ?? false }));
  });
}
