import type { Command } from 'commander';
import { addConnection, refuseArguments } from '../options.ts';
import { addModes, addRules, addSubject, addTests, type SubmitFlags } from '../submit/flags.ts';
import { submit } from '../submit/submit-tests.ts';

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description('Submit tests as one run and print its id and one job id a line.')
    .usage('--app-version-id=<id> --test=<path> [options]')
    .allowExcessArguments();
  for (const add of [addTests, addSubject, addRules, addModes, addConnection]) add(command);
  command.action(async (flags: SubmitFlags) => {
    refuseArguments(command.args, (first) => `tests are named by --test=${first}`);
    done(await submit(flags));
  });
}
