import type { ChildEnd, Command } from '../children/run-child.ts';
import type { FrameworkSettings } from '../config-shape.ts';
import { type AttemptResult, errored, failedTests, verdictOfTests } from '../reports/attempt-result.ts';
import { type JunitReport, readJunitFile } from '../reports/read-junit.ts';
import { commandExits, describeEnd, type EndKind } from './describe-end.ts';
import type { JobPreset } from './preset.ts';

type Settings = NonNullable<FrameworkSettings['command']>;

/** Runs the commands of the host's configuration. A job never brings a command: it only names a test. */
export function commandPreset({ install, test }: Settings): JobPreset {
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
      read: async (end, tail) => {
        const options = { root: request.root, isMended: end.code === 0 };
        return verdictOfCommand(end, await readJunitFile(request.junit, options), tail);
      },
    }),
  };
}

/**
 * The verdict of a command that ended by itself, from its exit and the JUnit file that it may have left. A failed test
 * in the report counts more than any exit except that of a timeout.
 */
export function verdictOfCommand(end: ChildEnd, junit: JunitReport | undefined, tail: string): AttemptResult {
  const { kind, how } = describeEnd(end);
  const tests = junit?.tests;
  const because = tail === '' ? how : `${how}:\n${tail}`;
  if (end.failure !== undefined) return errored('infra_error', end.failure);
  if (end.code === commandExits.timeout) return errored('timeout', because, tests);
  const hasFailed = tests !== undefined && failedTests(tests).length > 0;
  if (kind === 'broken' && !hasFailed) return errored('infra_error', because, tests);
  if (junit === undefined) return verdictOfExit(kind, because);
  return verdictOfTests({
    tests: junit.tests,
    executed: junit.tests.filter((test) => test.status !== 'skipped').length,
    problem: junit.problem && `the JUnit file cannot be believed: ${junit.problem}`,
    exit: kind === 'passed' ? 'passed' : 'failed',
    how,
  });
}

/** Without a report. A command that could not be run says nothing about the test: this host lacks something. */
function verdictOfExit(kind: EndKind, because: string): AttemptResult {
  if (kind === 'passed') return { verdict: 'passed' };
  return kind === 'not run' ? errored('infra_error', because) : { verdict: 'failed', error: because };
}

export interface Placeholders {
  readonly test?: string;
  readonly app: string;
  readonly device: string;
  readonly artifacts: string;
  readonly junit?: string;
}

/**
 * Replaces `{test} {app} {device} {artifacts} {junit}` by their values. A value never becomes more than one word, and a
 * placeholder inside a value is not replaced. Other braces are left to the program.
 */
export function fillArgv(argv: readonly string[], values: Placeholders): string[] {
  return argv.map((item) =>
    item.replace(/\{(test|app|device|artifacts|junit)\}/g, (whole, name: keyof Placeholders) => {
      const value = values[name] ?? whole;
      // A word that starts with the value must not be read as an option.
      return item.startsWith(whole) && value.startsWith('-') ? `./${value}` : value;
    }),
  );
}
