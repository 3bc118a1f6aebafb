import { join } from 'node:path';
import { readApp } from '../../../client/apps/read-app.ts';
import type { FrameworkSettings } from '../../config-shape.ts';
import { readJunitFile } from '../../reports/read-junit.ts';
import { programOn } from '../find-program.ts';
import type { JobPreset, PreparedTest, TestRequest } from '../preset.ts';
import { verdictOfFlow } from './verdict-of-flow.ts';

type Settings = FrameworkSettings['maestro'];

/** Runs a flow by a process of the host's Maestro: of several flows in one process the report need not name the files. */
export const maestroPreset = (settings: Settings): JobPreset => ({
  name: 'maestro',
  ownSignal: 'SIGTERM',
  uses: settings.uses,
  drives: {
    needsPhone: true,
    clouds: false,
    sets: false,
    needsFile: settings.without_app ? 'registered' : 'always',
  },
  prepare: (request) => prepare(settings, request),
});

async function prepare(
  { program }: Settings,
  request: TestRequest,
): Promise<PreparedTest | { readonly rejected: string }> {
  const { root, testPath, junit, env } = request;
  const found = program ?? programOn(env.PATH, 'maestro');
  if (found === undefined) return { rejected: missing };
  const serial = env.QGJOB_DEVICE_UDID;
  const variables = await variablesOf(request);
  return {
    command: {
      argv: [
        found,
        ...(serial === undefined ? [] : ['--device', serial]),
        'test',
        ...['--format', 'junit', '--output', junit],
        ...['--debug-output', join(request.artifacts, 'maestro'), '--flatten-debug-output'],
        ...variables.flatMap(([name, value]) => ['-e', `${name}=${value}`]),
        join(root, testPath),
      ],
      // Where its screenshots go.
      cwd: request.artifacts,
      env: { MAESTRO_CLI_NO_ANALYTICS: '1', ...env },
    },
    outside: [],
    read: async (end, tail) => {
      const report = await readJunitFile(junit, { root, isMended: end.code === 0 });
      return verdictOfFlow(end, report, tail);
    },
  };
}

const missing =
  "maestro is not on the agent's PATH: install the Maestro CLI, which needs Java 17 (apt-get install openjdk-17-jre-headless), or name it by frameworks.maestro.program in the agent's configuration";

/** What a flow finds as `${NAME}`: what the submit gives to its tests, and the app. */
async function variablesOf({ app, env }: TestRequest): Promise<[name: string, value: string][]> {
  const params = Object.entries(env).filter(([name]) => name.startsWith('QGJOB_PARAM_'));
  const read = app === '' ? undefined : await readApp(app).catch(() => undefined);
  const id = read?.packageName;
  return [...params, ...(id ? [['QGJOB_APP_ID', id] as [string, string]] : [])];
}
