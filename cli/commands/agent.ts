import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Connection, type ConnectionFlags, findConnection } from '../config.ts';
import { addConnection } from '../options.ts';
import { hideSecrets } from '../start-anew.ts';
import { type TakenOver, takeOver } from '../take-over.ts';

interface Flags extends ConnectionFlags {
  readonly config?: string;
  readonly name?: string;
  readonly once?: true;
  readonly insecureOperatorToken?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      "Run tests on this host's devices until SIGTERM or SIGINT. The first signal lets running tests end, the second " +
        'stops them. Without qgjob.agent.json: 2 simulated devices of each target, tests of the current folder. ' +
        "Beside the server's folder the agent makes itself a token of its own; elsewhere it is given one.",
    )
    .option('--config <file>', 'settings of the agent (qgjob.agent.json, where there is one)')
    .option('--name <name>', 'name of the agent (from the settings; the name of the host)')
    .option('--once', 'end after one lease')
    .option('--insecure-operator-token', "run with the operator's token, which the tests may get hold of");
  addConnection(command).action(async (flags: Flags) => {
    const taken = takeOver();
    const { url, token, tokenFile, ownDataDir } = connectionOf(flags, taken);
    hideSecrets(ownDataDir === undefined ? token : undefined);
    const { runAgent } = await import('../../agent/main.ts');
    const { config, name, once, insecureOperatorToken } = flags;
    done(
      await runAgent({
        ...{ serverUrl: url, token, config, name, once, insecureOperatorToken },
        variables: taken.variables,
        makesOwnToken: ownDataDir !== undefined,
        serverFolder: ownDataDir,
        tokenFiles: tokenFile === undefined ? [] : [tokenFile],
      }),
    );
  });
}

/** A token that was handed over goes before where it came from: that may be read only once. */
function connectionOf(flags: Flags, { token, variables }: TakenOver): Connection {
  const looking = { withProfiles: false, env: variables };
  if (token === undefined) return findConnection(flags, looking);
  const found = findConnection({ ...flags, token, tokenFile: undefined }, looking);
  const { tokenFile = '-' } = flags;
  return { ...found, tokenFile: tokenFile === '-' ? undefined : resolve(tokenFile) };
}
