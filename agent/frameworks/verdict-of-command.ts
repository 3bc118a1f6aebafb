import type { ChildEnd } from '../children/run-child.ts';
import { type AttemptResult, errored, failedTests, verdictOfTests } from '../reports/attempt-result.ts';
import type { JunitReport } from '../reports/read-junit.ts';
import { commandExits, describeEnd, type EndKind } from './describe-end.ts';

/**
 * The verdict of a command that ended by itself, from its exit and the JUnit file that it may have left, or leaves always,
 * where it `mustReport`. A failed test in the report counts more than any exit except that of a timeout.
 */
export function verdictOfCommand(
  end: ChildEnd,
  junit: JunitReport | undefined,
  tail: string,
  mustReport = false,
): AttemptResult {
  const { kind, how } = describeEnd(end);
  const tests = junit?.tests;
  const because = tail === '' ? how : `${how}:\n${tail}`;
  if (end.failure !== undefined) return errored('infra_error', end.failure);
  if (end.code === commandExits.timeout) return errored('timeout', because, tests);
  const hasFailed = tests !== undefined && failedTests(tests).length > 0;
  if (kind === 'broken' && !hasFailed) return errored('infra_error', because, tests);
  if (junit === undefined) return verdictOfExit(kind, because, mustReport);
  const executed = junit.tests.filter((test) => test.status !== 'skipped').length;
  return verdictOfTests({
    tests: junit.tests,
    executed,
    problem: junit.problem && `the JUnit file cannot be believed: ${junit.problem}`,
    exit: kind === 'passed' ? 'passed' : 'failed',
    // A report does not say why a test was skipped: the failure of another may be the reason.
    isPartial: kind === 'broken' || kind === 'not run' || executed < junit.tests.length,
    how,
  });
}

/**
 * Without a report. A command that could not be run says nothing about the test: this host lacks something. Where it was told
 * to leave a report and left none, nothing shows that a test ran, whatever it exited with.
 */
function verdictOfExit(kind: EndKind, because: string, mustReport: boolean): AttemptResult {
  if (kind === 'passed' && mustReport) return errored('report_error', `${noReport}: ${because}`);
  if (kind === 'passed') return { verdict: 'passed' };
  return kind === 'not run' ? errored('infra_error', because) : { verdict: 'failed', error: because };
}

const noReport = 'its words name {junit}, and it left no report there, so nothing shows that a test ran';
