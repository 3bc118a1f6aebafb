import type { Command } from 'commander';
import { type ConnectionFlags, findConnection } from '../config.ts';
import { addConnection } from '../options.ts';

interface Flags extends ConnectionFlags {
  readonly config?: string;
  readonly name?: string;
  readonly once?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      "Run tests on this host's devices until SIGTERM or SIGINT. The first signal lets running tests end, the second " +
        'stops them. Without qgjob.agent.json: 2 simulated devices of each target, tests of the current folder.',
    )
    .option('--config <file>', 'settings of the agent (qgjob.agent.json, where there is one)')
    .option('--name <name>', 'name of the agent (from the settings; the name of the host)')
    .option('--once', 'end after one lease');
  addConnection(command).action(async (flags: Flags) => {
    const { url, token } = findConnection(flags);
    const { runAgent } = await import('../../agent/main.ts');
    const { config, name, once } = flags;
    done(await runAgent({ serverUrl: url, token, config, name, once }));
  });
}
