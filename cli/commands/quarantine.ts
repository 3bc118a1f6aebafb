import { type Command, Option } from 'commander';
import { addConnection, duration, refuseArguments } from '../options.ts';
import { type AddFlags, addQuarantine, laneFlags } from '../quarantine/add.ts';
import { type ListFlags, listQuarantines } from '../quarantine/list.ts';
import { removeQuarantine } from '../quarantine/remove.ts';
import { addWhichTest, type WhichTest } from '../tests/test-flags.ts';

export function define(command: Command): void {
  command
    .description(
      'Tests whose failures fail no run until an instant. They still run, and show as failed. ' +
        'Without a command of its own it lists them.',
    )
    .helpCommand(false);
  defineList(command.command('list', { isDefault: true }));
  defineAdd(command.command('add'));
  defineRemove(command.command('remove'));
}

function defineList(command: Command): void {
  command
    .summary('list them, newest first; the default')
    .description('List the quarantines that hold, newest first.')
    .option('--ended', 'those that have ended, in the last 90 days')
    .option('--org-id <id>', 'of this org; by default the one of the token')
    .option('--json', 'print an array of Quarantines')
    .allowExcessArguments();
  addConnection(command).action(async (flags: ListFlags) => {
    refuseArguments(command.args, () => '`qgjob quarantine` knows add, list and remove');
    await listQuarantines(flags);
  });
}

function defineAdd(command: Command): void {
  command
    .summary('put a test into quarantine, or change its end')
    .description(
      'Put a test into quarantine; one that is in it gets the new owner, reason, end and lane. Needs a token with the ' +
        'scope admin.',
    );
  addWhichTest(command)
    .requiredOption('--owner <name>', 'who mends it: a person or a team')
    .option('--until <day>', 'when it ends: as this day begins, in UTC, or at an instant')
    .option('--for <time>', 'when it ends: so long from now, like 14d; at most 90d', duration)
    .addOption(
      new Option('--lane <lane>', 'only for the runs of a merge queue, or only for all others').choices(
        Object.keys(laneFlags),
      ),
    )
    .option('--reason <text>', 'why; by default how often it was flaky')
    .option('--json', 'print the Quarantine');
  addConnection(command).action(async (named: string, flags: AddFlags) => addQuarantine(named, flags));
}

function defineRemove(command: Command): void {
  command
    .summary('end a quarantine now')
    .description('End a quarantine now; from then on its failures count again. Prints its id.')
    .argument('<quarantine>', 'its id, or the id or the path of its test')
    .option('--case <title>', 'of this case of the file, by its full title')
    .option('--target <target>', 'on this target, where the file runs on several')
    .option('--org-id <id>', 'of this org; by default the one of the token')
    .option('--json', 'print {"quarantine_id"}');
  addConnection(command).action(async (named: string, flags: WhichTest & { readonly json?: true }) =>
    removeQuarantine(named, flags),
  );
}
