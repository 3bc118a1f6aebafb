import type { TestCase } from '../../protocol/shapes/job.ts';
import { type AttemptResult, errored } from './attempt-result.ts';

/** What a program's own end says beside its report. */
export type ExitSays = 'passed' | 'failed' | 'broken';

/**
 * The verdict of a report that was read whole. Green needs three things: some test ran, none failed, and the exit
 * agrees. An exit alone is never the verdict: it can only take a pass away.
 * `executed` counts the tests that the job is about and that really ran.
 */
export function judgeTests(tests: TestCase[], executed: number, exit: ExitSays, how: string): AttemptResult {
  const failed = tests.filter((test) => test.status === 'failed');
  if (failed.length > 0) return { verdict: 'failed', error: summary(failed, tests.length), tests };
  if (executed === 0) return errored('infra_error', `no test ran: ${whyNone(tests)} (${how})`, tests);
  if (exit === 'passed') return { verdict: 'passed', tests };
  if (exit === 'broken') return errored('infra_error', `the report has no failing test, but ${how}`, tests);
  return { verdict: 'failed', error: `no test in the report failed, but ${how}`, tests };
}

function whyNone(tests: readonly TestCase[]): string {
  if (tests.length === 0) return 'the report is empty';
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
