import { countTests, type TestCounts } from '../../../protocol/count-tests.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import { matchTests } from './match-tests.ts';

/** The tests of one attempt or of several, merged. `report` counts all of them, `tests` may list fewer. */
export interface Tested {
  readonly tests: readonly TestCase[];
  readonly report: Report;
}

/**
 * After an attempt that ran the whole file: its tests, where one that failed in an earlier attempt and passed now is
 * flaky. Where it failed, tests that failed before and did not run now stay failed: it may have broken off before them.
 */
export function mergeWhole(earlier: Tested, now: Tested): Tested {
  const partners = matchTests(earlier.tests, now.tests);
  const tests = now.tests.map((test, place) => {
    const was = earlier.tests[partners.get(place) ?? -1];
    return was && hasFailed(was) && test.status === 'passed' ? flakyAfter(was, test) : test;
  });
  const added = tests.filter((test, place) => test !== now.tests[place]).length;
  const report = { ...now.report, flaky: now.report.flaky + added };
  const left = now.report.failed === 0 ? [] : leftOf(earlier, now, partners);
  if (left.length > 0) return withLeft({ tests, report }, left);
  return added === 0 ? now : { tests, report };
}

/** A test that failed before and did not run now, and its place where it is listed as skipped. */
type Left = readonly [test: TestCase, place: number | undefined];

function leftOf(earlier: Tested, now: Tested, partners: ReadonlyMap<number, number>): Left[] {
  const places = new Map([...partners].map(([place, at]) => [at, place]));
  return [...earlier.tests.entries()].flatMap(([at, was]): Left[] => {
    const place = places.get(at);
    const isLeft = place === undefined || now.tests[place]?.status === 'skipped';
    return was.status === 'failed' && isLeft ? [[was, place]] : [];
  });
}

function withLeft({ tests: given, report }: Tested, left: readonly Left[]): Tested {
  const counts = new Counts(report);
  const tests = [...given];
  for (const [test, place] of left) {
    if (place === undefined) tests.push(test);
    else tests[place] = test;
    if (place !== undefined) counts.add('skipped', -1);
    counts.add('failed', 1);
  }
  const merged = listed(tests, counts);
  // One that is not listed may have run, if not all are: whether it failed again is not known.
  const isComplete = report.complete === true && report.total <= given.length;
  return isComplete ? asComplete(merged) : merged;
}

const asComplete = ({ tests, report }: Tested): Tested => ({ tests, report: { ...report, complete: true } });

/**
 * After an attempt that ran some tests alone: the earlier ones, where those that ran have their new result. A test that
 * failed and passes now is flaky; one that was skipped now has not run, so what it did earlier stands. `asked`: the ids
 * of the tests that the attempt was to run.
 */
export function mergeSelection(earlier: Tested, now: Tested, asked: readonly string[]): Tested {
  const ran = now.tests.filter(({ status }) => status !== 'skipped');
  const partners = matchTests(earlier.tests, ran);
  const counts = new Counts(earlier.report);
  const tests = [...earlier.tests];
  const put = (at: number, was: TestCase, test: TestCase) => {
    tests[at] = hasFailed(was) && test.status === 'passed' ? flakyAfter(was, test) : test;
    counts.move(was.status, tests[at].status);
  };
  for (const [place, test] of ran.entries()) {
    const at = partners.get(place);
    const was = at === undefined ? undefined : earlier.tests[at];
    if (at === undefined || was === undefined) tests.push(test);
    else put(at, was, test);
  }
  const rest = restOf(
    now,
    ran.filter((_, place) => partners.has(place)),
  );
  const hidden = hiddenIn(earlier);
  const missing = findMissing(earlier.tests, new Set(partners.values()), new Set(asked));
  // The attempt lists only a part of its passes, and the others are enough for all that it was to run.
  if (now.report.total > now.tests.length && rest.passed >= hidden.failed + missing.length) {
    for (const [at, was] of missing) put(at, was, { ...was, status: 'passed' });
    rest.passed -= missing.length;
  }
  countHidden(counts, rest, hidden);
  const merged = listed(tests, counts);
  // What the earlier one left out need not be among these.
  const isComplete = earlier.report.complete === true && now.report.complete === true;
  return isComplete ? asComplete(merged) : merged;
}

/** Tests that failed and were to run again, and are not listed now. */
const findMissing = (
  tests: readonly TestCase[],
  found: ReadonlySet<number>,
  asked: ReadonlySet<string>,
): [at: number, test: TestCase][] =>
  [...tests.entries()].filter(
    ([at, { id, status }]) => status === 'failed' && id !== undefined && asked.has(id) && !found.has(at),
  );

const hasFailed = ({ status }: TestCase): boolean => status === 'failed' || status === 'flaky';

/** With the message of what failed first. */
const flakyAfter = ({ message }: TestCase, now: TestCase): TestCase => ({
  ...now,
  status: 'flaky',
  ...(message !== undefined && { message }),
});

/** The results of an attempt that are not those of its `matched` tests. */
function restOf({ report }: Tested, matched: readonly TestCase[]): Pick<TestCounts, 'passed' | 'failed'> {
  const counted = countTests(matched);
  return {
    passed: Math.max(0, report.passed - counted.passed),
    failed: Math.max(0, report.failed - counted.failed),
  };
}

/** How many tests are counted and not listed. */
function hiddenIn({ tests, report }: Tested): { failed: number; others: number } {
  const failed = Math.max(0, report.failed - countTests(tests).failed);
  return { failed, others: Math.max(0, report.total - tests.length - failed) };
}

/**
 * Results of tests that the lists do not show. They are of earlier failures first, since an attempt selects these; then
 * of earlier passes; what is left is new.
 */
function countHidden(
  counts: Counts,
  rest: Pick<TestCounts, 'passed' | 'failed'>,
  hidden: { failed: number; others: number },
): void {
  const failedAgain = Math.min(rest.failed, hidden.failed);
  const mended = Math.min(rest.passed, hidden.failed - failedAgain);
  counts.move('failed', 'flaky', mended);
  const worse = Math.min(rest.failed - failedAgain, hidden.others);
  counts.move('passed', 'failed', worse);
  const passedAgain = Math.min(rest.passed - mended, hidden.others - worse);
  counts.add('failed', rest.failed - failedAgain - worse);
  counts.add('passed', rest.passed - mended - passedAgain);
}

/** The counts of a report, changed test by test. */
class Counts {
  readonly #of: TestCounts;

  constructor({ passed, failed, skipped, flaky }: Report) {
    this.#of = { passed, failed, skipped, flaky };
  }

  move(from: TestCase['status'], to: TestCase['status'], n = 1): void {
    this.add(from, -n);
    this.add(to, n);
  }

  add(status: TestCase['status'], n: number): void {
    this.#of[status] += n;
    if (status === 'flaky') this.#of.passed += n;
  }

  /** Never less than these tests show: a report may have been wrong about itself. */
  atLeast(tests: readonly TestCase[]): TestCounts {
    const shown = countTests(tests);
    const { passed, failed, skipped, flaky } = this.#of;
    return {
      passed: Math.max(passed, shown.passed),
      failed: Math.max(failed, shown.failed),
      skipped: Math.max(skipped, shown.skipped),
      flaky: Math.max(flaky, shown.flaky),
    };
  }
}

const order: readonly TestCase['status'][] = ['failed', 'flaky', 'passed', 'skipped'];

/** In their order; where they are too many to be listed, failures first. */
function listed(all: readonly TestCase[], counts: Counts): Tested {
  const { passed, failed, skipped, flaky } = counts.atLeast(all);
  const tests =
    all.length <= limits.testsPerReport
      ? all
      : all
          .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
          .slice(0, limits.testsPerReport);
  const total = passed + failed + skipped;
  return { tests, report: { total, passed, failed, skipped, flaky, listed: tests.length } };
}
