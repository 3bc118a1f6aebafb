import type { ChildEnd, Command } from '../children/run-child.ts';
import type { FrameworkSettings } from '../config-shape.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';
import { judgeTests } from '../reports/judge-tests.ts';
import { type JunitReport, readJunitFile } from '../reports/read-junit.ts';
import { fillArgv } from './fill-argv.ts';
import type { Preset } from './preset.ts';

type Settings = NonNullable<FrameworkSettings['command']>;

/** Exit codes by which a command says that it has no verdict. */
export const commandExits = { infraError: 75, timeout: 124 } as const;

/** The host's own commands. A job never brings one: it only names a test. */
export function commandPreset({ install, test }: Settings): Preset {
  return {
    name: 'command',
    ownSignal: 'SIGTERM',
    ...(install && {
      install: (request): Command => ({
        argv: fillArgv(install, request),
        cwd: request.root,
        env: request.env,
      }),
    }),
    prepare: async (request) => ({
      command: {
        argv: fillArgv(test, { ...request, test: request.testPath }),
        cwd: request.root,
        env: request.env,
      },
      outside: [],
      read: async (end, tail) => judgeCommand(end, await readJunitFile(request.junit, request.root), tail),
    }),
  };
}

/** The verdict of a command that ended by itself, from its exit and the JUnit file that it may have left. */
export function judgeCommand(end: ChildEnd, junit: JunitReport, tail: string): AttemptResult {
  const how = describeEnd(end);
  const tests = junit && 'tests' in junit ? junit.tests : undefined;
  const because = tail === '' ? how : `${how}:\n${tail}`;
  if (end.failure !== undefined) return errored('infra_error', end.failure);
  if (end.code === commandExits.infraError) return errored('infra_error', because, tests);
  if (end.code === commandExits.timeout) return errored('timeout', because, tests);
  if (end.code === null) return errored('infra_error', because, tests);
  if (junit && 'broken' in junit) return errored('infra_error', `${junit.broken} (${how})`);
  if (tests === undefined)
    return end.code === 0 ? { verdict: 'passed' } : { verdict: 'failed', error: because };
  const executed = tests.filter((test) => test.status !== 'skipped').length;
  return judgeTests(tests, executed, end.code === 0 ? 'passed' : 'failed', how);
}

function describeEnd({ code, signal, failure }: ChildEnd): string {
  if (failure !== undefined) return failure;
  return code === null ? `the command was ended by ${signal}` : `the command exited with ${code}`;
}
