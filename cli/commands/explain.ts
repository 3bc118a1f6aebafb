import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { describeExplanation } from '../output/describe-explanation.ts';
import { print, printJson } from '../output/print.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('What a run came to, and why: what failed first, where, and since when.')
    .argument('[id]', 'a run')
    .option('--json', 'print the answer as JSON, 4 kB at most: for scripts and coding agents');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { kind, id } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'run') {
      throw new QgjobError(
        'invalid',
        `explain: ${id} is a job; name its run, or see \`qgjob status -v ${id}\``,
      );
    }
    const told = await connect(flags).call('explainRun', { params: { id } });
    if (flags.json) printJson(told);
    else for (const line of describeExplanation(told)) print(line);
  });
}
