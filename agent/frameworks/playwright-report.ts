import { relative, resolve } from 'node:path';
import { countTests } from '../../protocol/count-tests.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import { Report, type Spec, type Suite, type Test } from './playwright-shape.ts';
import { readTest } from './playwright-test.ts';

export interface PlaywrightReport {
  readonly tests: TestCase[];
  /** Tests of the asked file that ran to an end; those of other files (a set-up project) do not count. */
  readonly executed: number;
  /** Some test was stopped half way. */
  readonly interrupted: boolean;
  /** What went wrong outside of any test. */
  readonly errors: string[];
  /** Why it is not to be believed, in words. */
  readonly problem?: string | undefined;
}

/** What the report is about: absolute paths. File names are given relative to `root`; `file` was asked for. */
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
    // Always with its project, where that has a name: a run of one project must not name its tests in another way.
    name: `${test.projectName && `[${test.projectName}] `}${[...titles, spec.title].filter(Boolean).join(' › ')}`,
    file: relative(root, pathOf(spec)),
    ...(spec.line !== undefined && { line: spec.line }),
    ...(read[index] as (typeof read)[number]).told,
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

/** Counters that tell of more than the tests do. */
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
