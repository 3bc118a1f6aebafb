import {
  type AttemptResult,
  type ExitSays,
  errored,
  failedTests,
  verdictOfTests,
} from '../../reports/attempt-result.ts';
import { readTest, wasExecuted, wasInterrupted, wasLeftOut } from './read-tests.ts';
import type { ToldTest } from './told-shape.ts';

/** What is known of a file when it has ended. */
export interface FileReport {
  /** Absolute, links resolved. */
  readonly root: string;
  readonly tests: readonly ToldTest[];
  /** Of files that were not asked for, such as a set-up project's: they fail this one, but do not count as its tests. */
  readonly foreign: readonly ToldTest[];
  /** What went wrong outside of any test. */
  readonly errors: readonly string[];
  /** What a retry has to run, by ids; undefined where that cannot be told. */
  readonly redo: readonly string[];
  /** How many tests it was asked for; undefined: for the whole file. */
  readonly selected: number | undefined;
  /** How many tests it said that it would run. */
  readonly announced: number;
}

/** The verdict of a file. The exit of its process can only make it worse; `how` is that exit, in words. */
export function verdictOfFile(report: FileReport, exit: ExitSays, how: string): AttemptResult {
  const { tests: told, foreign, errors, root } = report;
  const read = [...told, ...foreign].map((test) => readTest(test, root));
  const tests = read.map(({ result }) => result);
  const hasFailed = failedTests(tests).length > 0;
  const words = errors.join('\n\n');
  if (tests.length === 0) return errored('report_error', `no test ran: ${words || how}`);
  if (told.some(wasInterrupted) && !hasFailed)
    return errored('infra_error', `the run was interrupted; ${how}`, tests);
  const result = verdictOfTests({
    tests,
    executed: told.filter(wasExecuted).length,
    problem: findProblem(read, report),
    exit: words === '' ? exit : 'failed',
    isPartial: errors.length > 0 || foreign.length > 0 || told.some(wasInterrupted),
    how: words || how,
  });
  return { ...result, ...selectionOf(report, result) };
}

function findProblem(
  read: readonly { readonly problem?: string }[],
  { tests: told, announced }: FileReport,
): string | undefined {
  const problem = read.find((one) => one.problem)?.problem;
  if (problem !== undefined) return `the report of Playwright cannot be believed: ${problem}`;
  // An event that got lost may have told of a failure.
  if (told.length !== announced)
    return `Playwright was to run ${announced} tests, and told of ${told.length}`;
  const left = told.filter(wasLeftOut).length;
  return left > 0 ? `${left} of ${told.length} tests were not run, and nothing says why` : undefined;
}

/** A retry runs single tests only where all that failed are tests of this file. */
function selectionOf(
  { tests, foreign, errors, redo, selected }: FileReport,
  { verdict }: AttemptResult,
): Pick<AttemptResult, 'only' | 'retried_tests'> {
  const isExact = verdict === 'failed' && redo.length > 0 && foreign.length === 0 && errors.length === 0;
  return {
    ...(isExact && { only: [...new Set(redo)] }),
    ...(selected !== undefined && { retried_tests: tests.length }),
  };
}
