import { relative, resolve } from 'node:path';
import { countTests } from '../../protocol/count-tests.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { Report, type Spec, type Suite, type Test } from './playwright-shape.ts';

export interface PlaywrightReport {
  readonly tests: TestCase[];
  /** Tests of the asked file that ran to an end; those of other files (a set-up project) do not count. */
  readonly executed: number;
  /** Some test was stopped half way. */
  readonly interrupted: boolean;
  /** What went wrong outside of any test. */
  readonly errors: string[];
  /** Why the report cannot be trusted, in words. */
  readonly problem?: string | undefined;
}

/** What was run: absolute paths. File names are given relative to `root`; `file` is the test file. */
export interface AskedFor {
  readonly root: string;
  readonly file: string;
}

/** Reads the report of a run that was asked for one file. Undefined when it is no report of Playwright. */
export function readPlaywrightReport(json: unknown, { root, file }: AskedFor): PlaywrightReport | undefined {
  const report = Report.safeParse(json).data;
  if (!report) return undefined;
  const all = report.suites.flatMap((suite) => testsOf(suite, []));
  const read = all.map(({ spec, test }) => readTest(spec, test));
  const pathOf = (spec: Spec): string => resolve(report.config.rootDir, spec.file);
  const tests = all.map(({ spec, titles, test }, index) => ({
    // Always with the project's name, if it has one: a run of one project must give its tests the same names.
    name: `${test.projectName && `[${test.projectName}] `}${[...titles, spec.title].filter(Boolean).join(' › ')}`,
    file: relative(root, pathOf(spec)),
    ...(spec.line !== undefined && { line: spec.line }),
    ...(read[index] as (typeof read)[number]).result,
  }));
  return {
    tests,
    executed: all.filter(({ spec, test }) => pathOf(spec) === file && wasExecuted(test)).length,
    interrupted: all.some(({ test }) => test.results.some((result) => result.status === 'interrupted')),
    errors: report.errors.map((error) => error.message ?? 'an error without a message'),
    problem: read.find((one) => one.problem)?.problem ?? findContradiction(report.stats, tests),
  };
}

interface Found {
  readonly spec: Spec;
  /** Of the describe blocks; the outermost suite is the file. */
  readonly titles: readonly string[];
  readonly test: Test;
}

function testsOf(suite: Suite, titles: readonly string[]): Found[] {
  return [
    ...suite.specs.flatMap((spec) => spec.tests.map((test) => ({ spec, titles, test }))),
    ...suite.suites.flatMap((inner) => testsOf(inner, [...titles, inner.title])),
  ];
}

/** Where the counters say more than the tests. */
function findContradiction(stats: Report['stats'], tests: readonly TestCase[]): string | undefined {
  if (!stats) return undefined;
  const { expected, unexpected, flaky, skipped } = stats;
  const shown = countTests(tests);
  if (unexpected > shown.failed) return `it counts ${unexpected} failed tests, but shows ${shown.failed}`;
  if (flaky > shown.flaky) return `it counts ${flaky} flaky tests, but shows ${shown.flaky}`;
  const counted = expected + unexpected + flaky + skipped;
  return counted > tests.length ? `it counts ${counted} tests, but shows ${tests.length}` : undefined;
}

const wasExecuted = (test: Test): boolean =>
  test.results.some(({ status }) => status === 'passed' || status === 'failed' || status === 'timedOut');

/** How a test went; `unclear`: the report says something that is not known or contradicts itself. */
type Said = TestCase['status'] | 'unclear';

const ran = ['passed', 'failed', 'timedOut'];

/** What Playwright says of a test must agree with what it says of its runs; if not, the worse of the two counts. */
export function statusOf({ status, expectedStatus, results }: Test): Said {
  const last = results.at(-1)?.status ?? '';
  const hasFailed = results.some((result) => result.status === 'failed' || result.status === 'timedOut');
  if (status === 'unexpected') return 'failed';
  if (status === 'skipped') return hasFailed ? 'unclear' : 'skipped';
  if (last !== (expectedStatus || 'passed') || results.some((result) => !known.includes(result.status)))
    return 'unclear';
  if (status === 'flaky') return 'flaky';
  // Only a test that is meant to fail may fail and still be `expected`.
  return status === 'expected' ? 'passed' : 'unclear';
}

const known = [...ran, 'skipped', 'interrupted'];

/** A test as it is reported, and why it is not understood, if so. */
export function readTest(
  spec: Spec,
  test: Test,
): { readonly result: Pick<TestCase, 'status' | 'duration_ms' | 'message'>; readonly problem?: string } {
  const said = statusOf(test);
  // Playwright's `ok` is true for skipped tests, and for those that passed in the end.
  const isContradiction = spec.ok === false && spec.tests.every((one) => statusOf(one) !== 'failed');
  const isUnclear = said === 'unclear' || isContradiction;
  const message = isUnclear ? `not understood: ${wordsOf(test)}` : messageOf(test, said);
  const spent = test.results.reduce((sum, result) => sum + Math.max(0, result.duration), 0);
  return {
    result: {
      // A test that is not understood did not pass, and the whole report is then not trusted.
      status: isUnclear ? 'skipped' : said,
      duration_ms: Number.isFinite(spent) ? spent : 0,
      ...(message && { message }),
    },
    ...(isUnclear && { problem: `the test ${spec.title.slice(0, 200)} is not understood: ${wordsOf(test)}` }),
  };
}

function wordsOf({ status, results }: Test): string {
  const runs = results.map((result) => result.status || 'without a status');
  return `status ${status || 'missing'}, runs: ${runs.slice(0, 10).join(', ') || 'none'}`;
}

function messageOf({ expectedStatus, results }: Test, said: Said): string {
  if (said === 'passed' || said === 'skipped') return '';
  const written = results.flatMap((result) => result.errors.map((error) => error.message ?? ''));
  const message = written.filter((text) => text !== '').join('\n\n');
  if (message !== '') return message;
  const last = results.at(-1)?.status ?? '';
  if (expectedStatus === 'failed' && last === 'passed') return 'expected to fail, but passed';
  return `it ended as ${last || 'nothing'}${expectedStatus && `, expected was ${expectedStatus}`}`;
}
