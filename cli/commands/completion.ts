import { Argument, type Command } from 'commander';
import { commands } from '../commands.ts';
import { bashScript } from '../completion/bash.ts';
import { type Completable, describeCommands } from '../completion/describe-commands.ts';
import { fishScript } from '../completion/fish.ts';
import { powerShellScript } from '../completion/power-shell.ts';
import { zshScript } from '../completion/zsh.ts';
import { printBytes } from '../output/print.ts';

const scripts: Readonly<Record<string, (all: readonly Completable[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powerShellScript,
};

export function define(command: Command): void {
  command
    .description(
      'Print a script that completes commands, flags and their values; its first lines say where it belongs.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .action(async (shell: string) => {
      await printBytes(scripts[shell]?.(await describeCommands(Object.keys(commands))) ?? '');
    });
}
