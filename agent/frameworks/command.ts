import type { FrameworkSettings } from '../config-shape.ts';
import { readJunitFile } from '../reports/read-junit.ts';
import { prepareBatch } from './command-batch.ts';
import { fillArgv } from './fill-argv.ts';
import { installCommand } from './install-command.ts';
import type { JobPreset } from './preset.ts';
import { verdictOfCommand } from './verdict-of-command.ts';

type Settings = NonNullable<FrameworkSettings['command']>;

/** Runs the command of the host's configuration for a file. A job never brings a command: it only names a test. */
export function commandPreset({ install, test, batch, uses }: Settings): JobPreset {
  const mustReport = test.some((word) => word.includes('{junit}'));
  return {
    name: 'command',
    ownSignal: 'SIGTERM',
    uses,
    ...(install && { install: installCommand(install) }),
    ...(batch && { prepareBatch: (request) => prepareBatch(batch, request) }),
    prepare: async (request) => ({
      command: {
        argv: fillArgv(test, { ...request, test: request.testPath }),
        cwd: request.root,
        env: request.env,
      },
      outside: [],
      read: async (end, tail) => {
        const options = { root: request.root, isMended: end.code === 0 };
        return verdictOfCommand(end, await readJunitFile(request.junit, options), tail, mustReport);
      },
    }),
  };
}
