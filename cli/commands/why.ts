import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { describeWhy } from '../output/describe-why.ts';
import { print, printJson } from '../output/print.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description('Why a job has not started: its place in the queue, what blocks it, an estimate.')
    .argument('[id]', 'a job')
    .option('--json', 'print {"position", "blocked_by", "starts_in_ms" …} on one line');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { kind, id } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'job') throw new QgjobError('invalid', 'why: name a job');
    const why = await connect(flags).call('explainJob', { params: { id } });
    if (flags.json) printJson(why);
    else for (const line of describeWhy(why)) print(line);
  });
}
