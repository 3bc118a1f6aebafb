import { Command, type Option } from 'commander';
import { QgjobError } from '../protocol/errors.ts';
import { exitCodeMeanings, exitCodes } from '../protocol/exit-codes.ts';
import { commands, unsupportedCommands } from './commands.ts';
import { packageVersion } from './version.ts';

/** The command that a line asks for, also in `help <command>`; undefined when it names none. */
export function askedCommand(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

/**
 * Every command by name, but only the one that is asked for with its flags, so that a start loads no more than it
 * needs. Errors: `invalid` for a command of a later version.
 */
export async function buildProgram(
  argv: readonly string[],
  done: (exitCode: number) => void,
): Promise<Command> {
  const asked = askedCommand(argv);
  if (asked !== undefined && unsupportedCommands.includes(asked)) {
    const known = Object.keys(commands).join(' ');
    throw new QgjobError(
      'invalid',
      `command ${asked} comes with a later version; this version has: ${known}`,
    );
  }
  const program = new StrictCommand('qgjob')
    .description('Queue, schedule and run app tests on your own devices.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ optionDescription })
    .exitOverride()
    // An error is said by explain(), in one line.
    .configureOutput({ outputError: () => undefined });
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).summary(entry.summary).helpOption('-h, --help', 'print this help');
    if (name === asked) await (await entry.load()).define(command, done);
  }
  return program.addHelpText('after', exitCodeHelp);
}

/** Values and defaults without the quotes of a programmer. */
function optionDescription({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? `; one of ${argChoices.join(', ')}` : '';
  return `${description}${choices}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}`;
}

const exitCodeHelp = `
Exit codes:
${Object.entries(exitCodes)
  .map(([name, code]) => `  ${String(code).padEnd(4)} ${exitCodeMeanings[name as keyof typeof exitCodes]}`)
  .join('\n')}`;

declare module 'commander' {
  interface Command {
    /** Of commander's own; called where a flag is not known. */
    unknownOption(flag: string): void;
  }
}

/** Commander looks for the nearest name of the whole word; `--nme=x` is nearest to `--name` without its value. */
class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  override unknownOption(flag: string): void {
    super.unknownOption(flag.replace(/=.*$/s, ''));
  }
}
