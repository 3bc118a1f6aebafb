import { join } from 'node:path';
import type { TestCase } from '../../protocol/shapes/job.ts';
import type { ChildEnd } from '../children/run-child.ts';
import { type AttemptResult, failedTests } from '../reports/attempt-result.ts';
import { type JunitReport, readJunitFile } from '../reports/read-junit.ts';
import type { BatchRequest, PreparedBatch } from './batch.ts';
import { describeEnd } from './describe-end.ts';
import { fillArgv } from './fill-argv.ts';
import { verdictOfCommand } from './verdict-of-command.ts';

/**
 * One process of the host's own command for several files, which leaves one JUnit file that names the file of each case.
 * It tells nothing while it runs.
 */
export function prepareBatch(argv: readonly string[], request: BatchRequest): PreparedBatch {
  const { root, folder, env } = request;
  const junit = join(folder, 'junit.xml');
  const tests = request.tests.map(({ testPath }) => testPath);
  return {
    command: {
      argv: fillArgv(argv, { ...request, tests, junit }),
      cwd: root,
      env: { ...env, QGJOB_TESTS: tests.join('\n'), QGJOB_JUNIT: junit },
    },
    read: async (end, tail) => {
      const report = await readJunitFile(junit, { root, isMended: end.code === 0 });
      return new Map(verdictsOfBatch(end, report, tests, tail));
    },
  };
}

/**
 * The verdict of each file, from its own cases in the report. The exit can only make it worse, unless a failed case of
 * another file explains it. A file without a case of its own did not pass, and a failed case that is no file's fails to
 * let any of them pass.
 */
export function verdictsOfBatch(
  end: ChildEnd,
  junit: JunitReport | undefined,
  paths: readonly string[],
  tail: string,
): [testPath: string, result: AttemptResult][] {
  const byPath = Map.groupBy(junit?.tests ?? [], (test) => ownerOf(test, paths));
  const strange = failedTests(byPath.get(undefined) ?? []);
  return paths.map((path) => {
    const own = byPath.get(path) ?? [];
    const problem = junit?.problem ?? problemOf(own, strange, junit);
    const explained = junit !== undefined && failedTests(junit.tests).length > failedTests(own).length;
    const report = { tests: own, ...(problem && { problem }) };
    return [path, verdictOfCommand(explained ? withoutFailure(end) : end, report, tail)];
  });
}

function problemOf(
  own: readonly TestCase[],
  strange: readonly TestCase[],
  junit: JunitReport | undefined,
): string | undefined {
  if (junit === undefined) return 'there is none, and a batch cannot be told apart without it';
  if (own.length === 0) return 'no case in it names this file (`file` of the case or of its suite)';
  return strange[0] && `a failed case names no file of the batch: ${strange[0].name}`;
}

const ownerOf = ({ file }: TestCase, paths: readonly string[]): string | undefined =>
  paths.find((path) => file === path || file === `./${path}`);

/** Another file's failure is why it did not exit with 0. */
const withoutFailure = (end: ChildEnd): ChildEnd =>
  describeEnd(end).kind === 'failed' ? { ...end, code: 0 } : end;
