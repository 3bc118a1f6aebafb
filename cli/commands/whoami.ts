import type { Command } from 'commander';
import { type ConnectionFlags, findConnection } from '../config.ts';
import { connectTo } from '../connect.ts';
import { addConnection } from '../options.ts';
import { print, printJson } from '../output/print.ts';
import { describeWhoami } from '../whoami/describe-whoami.ts';

interface Flags extends ConnectionFlags {
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Which server and which token are used, where each was found, and what the token may do. Never prints the token.',
    )
    .option('--json', 'print what the server says of the token, with server_url, server_from and token_from');
  addConnection(command).action(async ({ json, ...flags }: Flags) => {
    const found = findConnection(flags);
    const who = await connectTo(found).call('whoami');
    const { url, urlFrom, tokenFrom } = found;
    if (json) printJson({ server_url: url, server_from: urlFrom, token_from: tokenFrom, ...who });
    else for (const line of describeWhoami(who, found)) print(line);
  });
}
