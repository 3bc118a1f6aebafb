import type { TestCounts } from '../protocol/count-tests.ts';
import type { Job, TestCase } from '../protocol/shapes/job.ts';
import { plural } from '../protocol/words.ts';

/** The part of a job or an attempt that says how its tests went. */
export type Tested = Pick<Job, 'tests' | 'report'>;

/** How many tests there were, and how many of them the verdict does not list. */
export interface Tally {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** A part of those that passed. */
  readonly flaky: number;
  readonly listed: number;
  readonly unlisted: number;
  readonly unlistedFailed: number;
}

export const testsOf = ({ tests }: Tested, status: TestCase['status']): TestCase[] =>
  (tests ?? []).filter((test) => test.status === status);

/** By the report's count, which may be more than are listed; undefined where no test is listed or counted. */
export function tallyOf(of: Tested): Tally | undefined {
  const { tests, report } = of;
  const listed = tests?.length ?? report?.listed ?? 0;
  if (listed === 0 && (report === null || report.total === 0)) return undefined;
  const count = (status: TestCase['status'], counted: keyof TestCounts): number =>
    Math.max(testsOf(of, status).length, report?.[counted] ?? 0);
  const failed = count('failed', 'failed');
  // A verdict lists failures first.
  const listedFailed = tests === null ? Math.min(failed, listed) : testsOf(of, 'failed').length;
  const total = Math.max(listed, report?.total ?? 0);
  return {
    ...{ total, failed, listed },
    skipped: count('skipped', 'skipped'),
    flaky: count('flaky', 'flaky'),
    unlisted: total - listed,
    unlistedFailed: failed - listedFailed,
  };
}

/** `120 of 50000 tests failed (3 flaky, 10 skipped), 5000 listed`. */
export function tallyWords({ total, failed, skipped, flaky, listed, unlisted }: Tally): string {
  const passed = total - failed - skipped;
  const tests = total === 1 ? 'test' : 'tests';
  const all = passed === total ? `${total} ${tests} passed` : `${passed} of ${total} ${tests} passed`;
  const aside = [flaky > 0 && `${flaky} flaky`, skipped > 0 && `${skipped} skipped`].filter(
    (part) => part !== false,
  );
  return [
    failed > 0 ? `${failed} of ${total} ${tests} failed` : all,
    aside.length > 0 ? ` (${aside.join(', ')})` : '',
    unlisted > 0 ? `, ${listed} listed` : '',
  ].join('');
}

/** `retried 1 of 5 tests`: of the tests of the whole file; undefined where the last attempt ran all of it. */
export function retriedWords(
  { retried_tests: count }: Pick<Job, 'retried_tests'>,
  whole: Tested,
): string | undefined {
  if (count === null) return undefined;
  const total = tallyOf(whole)?.total ?? count;
  return `retried ${total > count ? `${count} of ` : ''}${plural(total, 'test')}`;
}

/** `and 70 more failed tests are not listed`; undefined where all are. */
export function unlistedFailures(of: Tested): string | undefined {
  const count = tallyOf(of)?.unlistedFailed ?? 0;
  if (count === 0) return undefined;
  return `and ${count} more failed ${count === 1 ? 'test is' : 'tests are'} not listed`;
}
