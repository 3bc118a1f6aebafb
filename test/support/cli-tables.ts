import type { Argument, Command, Option } from 'commander';
import { commands } from '../../cli/commands.ts';
import { buildProgram, optionDescription } from '../../cli/program.ts';
import { markdownTable as table } from './markdown-table.ts';

/** The commands with their flags and their own commands: `buildProgram` loads one at a time. */
const loaded = await Promise.all(
  Object.keys(commands).map(async (name) => {
    const program = await buildProgram([name], () => undefined);
    return program.commands.find((command) => command.name() === name) as Command;
  }),
);

const groupOf = (option: Option): string => option.helpGroupHeading ?? '';
const ownOf = ({ options }: Command): Option[] => options.filter((option) => groupOf(option) === '');
const connectionOf = ({ options }: Command): Option[] => options.filter((option) => groupOf(option) !== '');

/** Text of the CLI's help as a cell: `<` would begin an element there, `|` the next cell. */
const cell = (text: string): string => text.replace(/[<|]/g, '\\$&');

const rowsOf = (options: readonly Option[]): string =>
  table(
    ['flag', 'what it does'],
    options.map((option) => [`\`${option.flags}\``, cell(optionDescription(option))]),
  );

const argumentLine = (argument: Argument): string =>
  `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\`: ${argument.description}`;

/** The words before a command's own name and itself: `tokens create`. */
const pathOf = (command: Command): string =>
  command.parent?.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const linkTo = (command: Command): string =>
  `[\`${command.name()}\`](#qgjob-${pathOf(command).replaceAll(' ', '-')})`;

function sectionOf(command: Command): string {
  const path = pathOf(command);
  const parts = [
    `### qgjob ${path}`,
    command.description().replaceAll('<', '\\<'),
    `\`qgjob ${path} ${command.usage()}\``,
    command.registeredArguments.map(argumentLine).join('; '),
    command.commands.map(linkTo).join(', '),
    flagsOf(command),
    connectionOf(command).length > 0 ? 'And [where the server is](#where-the-server-is).' : '',
    ...command.commands.map(sectionOf),
  ];
  return parts.filter(Boolean).join('\n\n');
}

function flagsOf(command: Command): string {
  const own = ownOf(command);
  if (command.name() !== 'server') return own.length > 0 ? rowsOf(own) : '';
  // Their meanings and defaults are the table of the settings.
  const names = own.map(({ long }) => `\`${long}\``).join(', ');
  return `The flags are the [settings](operations.md#settings): ${names}.`;
}

/** The flags that say where the server is, the same for every command that has them. Throws where one differs. */
function connectionTable(): string {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const tables = new Set(
    loaded
      .flatMap(all)
      .map(connectionOf)
      .filter(({ length }) => length > 0)
      .map(rowsOf),
  );
  const [one = '', ...others] = tables;
  if (others.length > 0)
    throw new Error(`commands differ in where the server is:\n${[...tables].join('\n')}`);
  return one;
}

/** The tables of docs/cli.md, by the name of their marks. */
export const cliTables: Record<string, () => string> = {
  commands: () =>
    table(
      ['command', 'what it does'],
      Object.entries(commands).map(([name, { summary }]) => [`[\`${name}\`](#qgjob-${name})`, summary]),
    ),
  connection: connectionTable,
  flags: () => `\n${loaded.map(sectionOf).join('\n\n')}\n`,
};
