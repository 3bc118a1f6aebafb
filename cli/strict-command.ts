import { Command } from 'commander';

declare module 'commander' {
  interface Command {
    /** Of commander's own; called where a flag is not known. */
    unknownOption(flag: string): void;
  }
}

/** Commander looks for the nearest name of the whole word; `--nme=x` is nearest to `--name` without its value. */
export class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  override unknownOption(flag: string): void {
    super.unknownOption(flag.replace(/=.*$/s, ''));
  }
}
