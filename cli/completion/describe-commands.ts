import type { Command, Option } from 'commander';
import { buildProgram } from '../program.ts';

/** A command as completions know it. */
export interface Completable {
  /** Its words: `tokens create`; '' for the program itself. */
  readonly path: string;
  readonly summary: string;
  /** The commands below it, by name, with what they do. */
  readonly commands: readonly (readonly [name: string, summary: string])[];
  readonly flags: readonly Flag[];
  /** What its first argument may be, where that is one of some words. */
  readonly values: readonly string[];
}

export interface Flag {
  /** `--status`. */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that it takes, where there are only some. */
  readonly choices: readonly string[];
}

const helpSummary = 'print the help of a command';
const help: Flag = { name: '--help', description: 'print this help', takesValue: false, choices: [] };

/** The program and all its commands, from their definitions. `names`: the commands of the program. */
export async function describeCommands(names: readonly string[]): Promise<Completable[]> {
  const found: Completable[] = [];
  for (const name of names) {
    const program = await buildProgram([name], () => undefined);
    if (found.length === 0) found.push(withHelp(describe('', program)));
    const command = program.commands.find((one) => one.name() === name);
    if (command) found.push(...withBelow(name, command));
  }
  return [...found, { path: 'help', summary: helpSummary, commands: [], flags: [], values: names }];
}

const withBelow = (path: string, command: Command): Completable[] => [
  describe(path, command),
  ...command.commands.flatMap((below) => withBelow(`${path} ${below.name()}`, below)),
];

/** Commander does not count `help` among the commands. */
const withHelp = (program: Completable): Completable => ({
  ...program,
  commands: [...program.commands, ['help', helpSummary]],
});

const describe = (path: string, command: Command): Completable => ({
  path,
  summary: command.summary() || command.description(),
  commands: command.commands.map((below) => [below.name(), below.summary() || below.description()]),
  values: command.registeredArguments[0]?.argChoices ?? [],
  flags: [...command.options.filter(({ hidden, long }) => !hidden && long).map(toFlag), help],
});

const toFlag = ({ long, description, required, optional, argChoices }: Option): Flag => ({
  name: long ?? '',
  description,
  takesValue: required || optional,
  choices: argChoices ?? [],
});
