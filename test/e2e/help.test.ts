import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { examples } from '../../cli/examples.ts';
import { buildProgram, wordsOf } from '../../cli/program.ts';
import { runCli } from '../support/processes.ts';
import { tempFolder } from '../support/queue.ts';

const withBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withBelow)];

/** Every command, with its flags, by its words. */
async function readCommands(): Promise<Map<string, Command>> {
  const all = new Map<string, Command>();
  for (const name of Object.keys(commands)) {
    const program = await buildProgram([name], () => undefined);
    const own = program.commands.filter((command) => command.name() === name);
    for (const command of [program, ...own.flatMap(withBelow)]) all.set(wordsOf(command), command);
  }
  return all;
}

test('every command has examples, with flags that it has', async () => {
  const all = await readCommands();
  expect(Object.keys(examples).sort()).toEqual([...all.keys()].sort());
  for (const line of Object.values(examples).flat()) {
    // Of another command too: an example may lead on to it.
    const [, words = ''] = /^qgjob((?: [a-z-]+)*)/.exec(line) ?? [];
    const named = words.trim().split(' ');
    const command = all.get(named.slice(0, 2).join(' ')) ?? all.get(named[0] ?? '');
    if (!line.startsWith('qgjob') || !command) continue;
    const flags = [...line.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag);
    const known = withBelow(command).flatMap(({ options }) => options.map(({ long }) => long));
    expect(known, line).toEqual(expect.arrayContaining(flags));
  }
});

/** Commands that print no data, or data of another kind. */
const withoutJson: Readonly<Record<string, string>> = {
  '': 'prints help',
  dev: 'runs until it is stopped',
  server: 'runs until it is stopped; its log is JSON',
  agent: 'runs until it is stopped',
  logs: 'prints the bytes that a test wrote',
  mcp: 'speaks a protocol of its own',
  completion: 'prints a script for a shell',
};

test('every command prints JSON, but for those that have nothing to print so', async () => {
  const all = await readCommands();
  // What a command without a default is called with is one of those below it.
  const called = [...all].filter(
    ([, command]) => command.commands.length === 0 || command.name() === 'qgjob',
  );
  const lacking = called
    .filter(([, { options }]) => !options.some(({ long }) => long === '--json'))
    .map(([words]) => words);
  expect(lacking.sort()).toEqual(Object.keys(withoutJson).sort());
});

test('the help of every command has examples first, and less than 80 columns', async () => {
  const cwd = tempFolder();
  const readHelp = async (words: string): Promise<string> => {
    const args = [...words.split(' ').filter(Boolean), '--help'];
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect({ code, stderr }, words).toEqual({ code: 0, stderr: '' });
    // A word that is longer, like a URL, has its line for itself.
    const wide = stdout.split('\n').filter((line) => line.length > 79 && line.trim().includes(' '));
    expect(wide, words).toEqual([]);
    expect(stdout, words).toMatch(/^Usage: qgjob.*\n\n[\s\S]+\n\nExamples:\n {2}qgjob/);
    expect(stdout.indexOf('\nExamples:'), words).toBeLessThan(stdout.indexOf('\nOptions:'));
    return `$ qgjob ${args.join(' ')}\n${stdout}`;
  };
  const helps = await Promise.all([...(await readCommands()).keys()].map(readHelp));
  await expect(helps.join('\n')).toMatchFileSnapshot('help.txt');
}, 600_000);
