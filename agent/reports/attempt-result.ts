import type { FinishJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';

/** What an attempt comes to, before it is reported. A failing test is a value like any other. */
export type AttemptResult = Pick<FinishJob, 'verdict' | 'error_class' | 'error' | 'tests' | 'report'>;

type ErrorClass = NonNullable<FinishJob['error_class']>;

/** No verdict could be had, and why. `tests` are what a report still told. */
export function errored(
  errorClass: ErrorClass,
  error: string,
  tests?: AttemptResult['tests'],
): AttemptResult {
  return { verdict: 'error', error_class: errorClass, error, ...(tests && { tests }) };
}

/** What a program's own end says beside its report. */
export type ExitSays = 'passed' | 'failed' | 'broken';

/** What a report and the end of its program say together. */
export interface Evidence {
  readonly tests: TestCase[];
  /** The tests that the job is about and that really ran. */
  readonly executed: number;
  /** Why the report is not to be believed, in words. */
  readonly problem?: string | undefined;
  readonly exit: ExitSays;
  /** How the program ended, in words. */
  readonly how: string;
}

/**
 * The verdict of a report. A test that failed is never unsaid, whatever is wrong beside it. Green needs four things:
 * the report can be believed, some test ran, none failed, and the exit agrees: an exit alone is never the verdict, it
 * can only take a pass away.
 */
export function verdictOfTests({ tests, executed, problem, exit, how }: Evidence): AttemptResult {
  const failed = failedTests(tests);
  if (failed.length > 0) return { verdict: 'failed', error: summary(failed, tests.length), tests };
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
  const count = `${failed.length} of ${total} ${total === 1 ? 'test' : 'tests'} failed`;
  return `${count}: ${first?.name}${said ? `: ${said}` : ''}`;
}
