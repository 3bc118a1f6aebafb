import { Command, Help, type Option } from 'commander';
import { exitCodeMeanings, exitCodes } from '../protocol/exit-codes.ts';
import { commands } from './commands.ts';
import { examples } from './examples.ts';
import { packageVersion } from './version.ts';

/** The command of a command line, also of `help <command>`; undefined without one. */
export function askedCommand(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

/**
 * All commands by name, but only the called one with its flags, so that a start loads no other.
 */
export async function buildProgram(
  argv: readonly string[],
  done: (exitCode: number) => void,
): Promise<Command> {
  const asked = askedCommand(argv);
  const program = new StrictCommand('qgjob')
    .description('Queue, schedule and run app tests on your own devices.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // The long flags of the server leave little room: commander would not wrap that.
    .configureHelp({ optionDescription, formatHelp, minWidthToWrap: 30 })
    .exitOverride()
    // explain() prints an error, in one line.
    .configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: helpWidth,
      getErrHelpWidth: helpWidth,
    });
  for (const [name, entry] of Object.entries(commands)) {
    const command = program.command(name).summary(entry.summary).helpOption('-h, --help', 'print this help');
    if (name === asked) await (await entry.load()).define(command, done);
  }
  return program.addHelpText('after', exitCodeHelp);
}

/** What a flag does, with its values and its default, without quotes. */
export function optionDescription({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? `; one of ${argChoices.join(', ')}` : '';
  return `${description}${choices}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}`;
}

/** Less than 80 columns, also where the terminal is wider: a long line is hard to read. */
const helpWidth = (): number => Math.min(process.stdout.columns || 80, 80) - 1;

/** The words of a command, without `qgjob`: `tokens create`. */
export const wordsOf = (command: Command): string =>
  command.parent ? `${wordsOf(command.parent)} ${command.name()}`.trim() : '';

/** Commander's help with examples above arguments, flags and commands. */
function formatHelp(command: Command, help: Help): string {
  const text = Help.prototype.formatHelp.call(help, command, help);
  const lines = examples[wordsOf(command)];
  if (lines === undefined) return text;
  const section = ['Examples:', ...lines.map((line) => `  ${line}`), '', ''].join('\n');
  return text.replace(/^(Arguments|Options|Commands):$/m, (heading) => `${section}${heading}`);
}

const exitCodeHelp = `
Exit codes:
${Object.entries(exitCodes)
  .map(([name, code]) => `  ${code} ${exitCodeMeanings[name as keyof typeof exitCodes]}`)
  .join('\n')}`;

declare module 'commander' {
  interface Command {
    /** Commander's own, missing in its types: called for an unknown flag. */
    unknownOption(flag: string): void;
  }
}

/** Suggests the nearest flag by its name alone: commander would compare `--nme=x` with its value. */
class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  override unknownOption(flag: string): void {
    super.unknownOption(flag.replace(/=.*$/s, ''));
  }
}
