import { countTests } from '../../../protocol/count-tests.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { Report } from '../../../protocol/shapes/job.ts';
import { testStatuses } from '../../../protocol/states.ts';

/** A verdict as the server takes it. */
export interface Checked extends FinishJob {
  /** A test of it failed and then passed. */
  readonly isFlaky: boolean;
}

/**
 * The server's own look at a verdict, by its tests and by the totals of its report: an exit code, or an agent's word, is
 * never enough to be green. A pass whose report holds a failed test is a failure; one in which nothing ran, or whose totals
 * contradict each other or its tests, is a `report_error`. A report without totals gets those of its tests.
 */
export function checkReport(sent: FinishJob, framework: string): Checked {
  const report = totalsOf(sent);
  const checked = { ...sent, ...(report && { report }) };
  const isFlaky = hasAny(checked, 'flaky');
  if (hasAny(checked, 'failed') && saysOfTests(sent)) {
    const { error_class: _class, ...rest } = checked;
    const error = sent.verdict === 'failed' && sent.error ? sent.error : failureOf(checked);
    return { ...rest, verdict: 'failed', error, isFlaky };
  }
  if (sent.verdict !== 'passed') return { ...checked, isFlaky };
  const wrong = wrongWithPass(checked, framework);
  if (wrong === undefined) return { ...checked, isFlaky };
  return { ...checked, verdict: 'error', error_class: 'report_error', error: wrong, isFlaky };
}

/** A failed test in it counts: in a report that is cut or contradicts itself too. Device and host have the last word. */
const saysOfTests = ({ verdict, error_class }: FinishJob): boolean =>
  verdict === 'passed' || verdict === 'failed' || error_class === 'report_error';

/** The totals as they were sent, else those of the tests; `listed` is what the server itself sees listed. */
function totalsOf({ report, tests }: FinishJob): Report | undefined {
  if (report) return { ...report, listed: tests?.length ?? 0 };
  return tests && { total: tests.length, ...countTests(tests), listed: tests.length };
}

const hasAny = ({ report, tests }: FinishJob, status: 'failed' | 'flaky'): boolean =>
  (report?.[status] ?? 0) > 0 || tests?.some((test) => test.status === status) === true;

/** Why this pass is no result; undefined: it is one. */
function wrongWithPass({ report, tests = [] }: FinishJob, framework: string): string | undefined {
  if (report === undefined) {
    // Only an own command may have no report; the default framework of an agent is not known here.
    return framework === 'command' || framework === '' ? undefined : 'no report of the tests';
  }
  const { total, passed, flaky, failed, skipped, listed } = report;
  const parts = passed + failed + skipped;
  if (parts !== total)
    return `the report contradicts itself: ${total} tests in all, ${parts} by their status`;
  if (flaky > passed)
    return `the report contradicts itself: ${flaky} flaky tests are more than the ${passed} that passed`;
  if (listed > total) return `the report contradicts itself: it lists ${listed} tests of ${total}`;
  const seen = countTests(tests);
  const over = testStatuses.find((status) => seen[status] > report[status]);
  if (over) {
    return `the report contradicts itself: it lists ${seen[over]} ${over} tests, its total of them is ${report[over]}`;
  }
  if (total === 0) return 'no test ran';
  return passed === 0 ? `no test ran: all ${total} were skipped` : undefined;
}

function failureOf({ tests, report }: FinishJob): string {
  const failed = tests?.find((test) => test.status === 'failed');
  if (failed) return failed.message || `${failed.name} failed`;
  return `${report?.failed} of ${report?.total} tests failed`;
}
