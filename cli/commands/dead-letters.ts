import type { Command } from 'commander';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { type ListFlags, listDeadLetters } from '../dead-letters/list.ts';
import { type RetryFlags, retryDeadLetters } from '../dead-letters/retry.ts';
import { type ShowFlags, showDeadLetter } from '../dead-letters/show.ts';
import { addIdFlags } from '../ids.ts';
import { addConnection, refuseArguments, wholeNumber } from '../options.ts';
import { addWait } from '../wait/wait-flags.ts';
import { addWatch } from '../watch/watch-flags.ts';

type Done = (exitCode: number) => void;

export function define(command: Command, done: Done): void {
  command
    .description(
      'Jobs that ended failed or errored with their retries spent, and that no later run has taken up again. ' +
        'Without a command of its own it lists them.',
    )
    .helpCommand(false);
  defineList(command.command('list', { isDefault: true }), done);
  defineShow(command.command('show'));
  defineRetry(command.command('retry'), done);
}

function defineList(command: Command, done: Done): void {
  command
    .summary('list them, newest first; the default')
    .description('List dead letters, newest first.')
    .option('--org-id <id>', 'of this org')
    .option('--limit <number>', 'at most this many, up to 500', wholeNumber, 50)
    .option('--json', 'print an array of Jobs')
    .allowExcessArguments();
  addConnection(addWatch(command)).action(async (flags: ListFlags) => {
    refuseArguments(command.args, (first) =>
      first.startsWith('job_')
        ? `\`qgjob dead-letters show ${first}\` tells of it`
        : '`qgjob dead-letters` knows list, show and retry',
    );
    done(await listDeadLetters(flags));
  });
}

function defineShow(command: Command): void {
  command
    .summary('one with its errors, its attempts and the end of its log')
    .description(
      'Show what it takes to judge a dead letter: errors, attempts, the end of the log, what to do.',
    )
    .argument('[job]', 'a job')
    .option('--json', 'print the Job with attempts, log_tail and taken_up');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: ShowFlags) => {
    await showDeadLetter(given === undefined ? [] : [given], flags);
  });
}

function defineRetry(command: Command, done: Done): void {
  command
    .summary('take some or all of them up again')
    .description(
      'Run dead letters again, as one new run for each old one, or, where only some of its jobs are meant, one for ' +
        'each job. Prints the ids of the new runs. One that is refused is said, and ends with ' +
        `${exitCodes.refused}; the others go on.`,
    )
    .argument('[jobs...]', 'jobs')
    .option('--all', 'all of them')
    .option('--org-id <id>', 'with --all: of this org');
  addConnection(addIdFlags(addWait(command))).action(async (given: string[], flags: RetryFlags) => {
    done(await retryDeadLetters(given, flags));
  });
}
