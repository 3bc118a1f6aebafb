import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { plural } from '../../protocol/words.ts';

/** The result of an attempt, before it is sent. A failing test is a value like any other. */
export interface AttemptResult
  extends Pick<
    FinishJob,
    'verdict' | 'error_class' | 'error' | 'tests' | 'report' | 'only' | 'retried_tests'
  > {
  /**
   * Of a failure: its failed tests are all that went wrong. Every test that was to run did, and nothing failed beside them.
   * Absent: that cannot be said.
   */
  readonly isComplete?: true;
}

/** `passed`, `error (timeout)`. */
export function inWords({ verdict, error_class }: AttemptResult): string {
  return error_class === undefined ? verdict : `${verdict} (${error_class})`;
}

type ErrorClass = NonNullable<FinishJob['error_class']>;

/** The result of an attempt without a verdict, and why there is none. `tests` are those that a report still shows. */
export function errored(
  errorClass: ErrorClass,
  error: string,
  tests?: AttemptResult['tests'],
): AttemptResult {
  return { verdict: 'error', error_class: errorClass, error, ...(tests && { tests }) };
}

/** What the exit of a program says. */
export type ExitSays = 'passed' | 'failed' | 'broken';

/** What a report and the exit of its program say. */
export interface Evidence {
  readonly tests: TestCase[];
  /** How many tests of the job's file really ran. */
  readonly executed: number;
  /** Why the report cannot be trusted, in words. */
  readonly problem?: string | undefined;
  readonly exit: ExitSays;
  /** Something failed outside of the tests, or tests may have been left out for a failure. */
  readonly isPartial: boolean;
  /** How the program ended, in words. */
  readonly how: string;
}

/**
 * The verdict of a report. A failed test always makes it `failed`, whatever else is wrong. A pass needs four things:
 * the report can be trusted, some test ran, none failed, and the exit agrees. An exit alone never makes a pass; it can
 * only prevent one.
 */
export function verdictOfTests(evidence: Evidence): AttemptResult {
  const { tests, executed, problem, exit, isPartial, how } = evidence;
  const failed = failedTests(tests);
  const isComplete = problem === undefined && exit !== 'broken' && !isPartial;
  if (failed.length > 0) {
    const error = summary(failed, tests.length);
    return { verdict: 'failed', error, tests, ...(isComplete && { isComplete }) };
  }
  if (problem !== undefined) return errored('report_error', `${problem} (${how})`, tests);
  if (executed === 0) return errored('report_error', `no test ran: ${whyNone(tests)} (${how})`, tests);
  if (exit === 'passed') return { verdict: 'passed', tests };
  if (exit === 'broken') return errored('infra_error', `the report has no failing test, but ${how}`, tests);
  return { verdict: 'failed', error: `no test in the report failed, but ${how}`, tests };
}

export const failedTests = (tests: readonly TestCase[]): TestCase[] =>
  tests.filter((test) => test.status === 'failed');

function whyNone(tests: readonly TestCase[]): string {
  if (tests.length === 0) return 'the report is empty';
  if (tests.some((test) => test.status !== 'skipped')) return 'none of the file that was asked for';
  return tests.length === 1 ? 'its one test was skipped' : `all ${tests.length} tests were skipped`;
}

/** One line for lists: which test, what it said, how many more. */
function summary(failed: readonly TestCase[], total: number): string {
  const [first] = failed;
  const said = first?.message
    ?.split('\n')
    .find((line) => line.trim() !== '')
    ?.trim();
  const count = `${failed.length} of ${plural(total, 'test')} failed`;
  return `${count}: ${first?.name}${said ? `: ${said}` : ''}`;
}
