import type { Command } from 'commander';
import { addConnection, refuseArguments, wholeNumber } from '../options.ts';
import { type ListFlags, listTests } from '../tests/list.ts';
import { type ShowFlags, showTest } from '../tests/show.ts';
import { addWhichTest } from '../tests/test-flags.ts';
import { addWatch } from '../watch/watch-flags.ts';

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'How the tests of an org went in the last 30 days: how flaky they are and how sure that is, how long they take, ' +
        'who keeps them in quarantine. Without a command of its own it lists them.',
    )
    .helpCommand(false);
  defineList(command.command('list', { isDefault: true }), done);
  defineShow(command.command('show'));
}

function defineList(command: Command, done: (exitCode: number) => void): void {
  command
    .summary('list them, by name; the default')
    .description('List tests by name: cases, and files whose reports list none.')
    .option('--flaky', 'those that are surely flaky first, without those that never were')
    .option('--slow', 'the slowest first')
    .option('--files', 'whole files, not their cases')
    .option('--filter <text>', 'with this text in the path or the title')
    .option('--q <text>', 'the same as --filter')
    .option('--target <target>', 'on this target')
    .option('--org-id <id>', 'of this org; by default the one of the token')
    .option('--limit <number>', 'at most this many', wholeNumber, 50)
    .option('--json', 'print an array of Tests')
    .allowExcessArguments();
  addConnection(addWatch(command)).action(async (flags: ListFlags) => {
    refuseArguments(
      command.args,
      (first) =>
        `\`qgjob tests show ${first}\` tells of one test, \`qgjob tests --filter=${first}\` finds some`,
    );
    done(await listTests(flags));
  });
}

function defineShow(command: Command): void {
  command
    .summary('one, with its days and its last failures')
    .description('Show a test: figures, quarantine, day by day, the jobs in which it failed last.');
  addWhichTest(command).option('--json', 'print the TestDetails');
  addConnection(command).action(async (named: string, flags: ShowFlags) => showTest(named, flags));
}
