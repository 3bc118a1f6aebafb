import { relative, resolve } from 'node:path';
import * as z from 'zod';
import type { TestCase } from '../../protocol/shapes/job.ts';

/** What we read of Playwright's JSON report. The rest may change. */
const Result = z.object({
  status: z.enum(['passed', 'failed', 'timedOut', 'skipped', 'interrupted']).optional(),
  duration: z.number().default(0),
  errors: z.array(z.object({ message: z.string().optional() })).default([]),
});
const Test = z.object({
  projectName: z.string().default(''),
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  results: z.array(Result),
});
const Spec = z.object({ title: z.string(), file: z.string(), line: z.number(), tests: z.array(Test) });
const Suite = z.object({
  title: z.string(),
  specs: z.array(Spec).default([]),
  get suites() {
    return z.array(Suite).default([]);
  },
});
const Report = z.object({
  config: z.object({ rootDir: z.string() }),
  suites: z.array(Suite),
  errors: z.array(z.object({ message: z.string().optional() })),
});
type Suite = z.infer<typeof Suite>;
type Spec = z.infer<typeof Spec>;
type Test = z.infer<typeof Test>;

export interface PlaywrightReport {
  readonly tests: TestCase[];
  /** Tests of the asked file that ran to an end; those of other files (a set-up project) do not count. */
  readonly executed: number;
  /** Some test was stopped half way. */
  readonly interrupted: boolean;
  /** What went wrong outside of any test. */
  readonly errors: string[];
}

/**
 * Reads the report of a run that was asked for one file. `root` is the folder that file names are given relative to.
 * Undefined when the text is not a whole report.
 */
export function parsePlaywrightReport(
  text: string,
  root: string,
  file: string,
): PlaywrightReport | undefined {
  const report = Report.safeParse(parseJson(text)).data;
  if (!report) return undefined;
  const specs = report.suites.flatMap((suite) => specsOf(suite, []));
  const all = specs.flatMap(({ spec, titles }) => spec.tests.map((test) => ({ spec, titles, test })));
  const several = new Set(all.map(({ test }) => test.projectName)).size > 1;
  const asked = all.filter(({ spec }) => resolve(report.config.rootDir, spec.file) === file);
  return {
    tests: all.map(({ spec, titles, test }) => ({
      name: `${several ? `[${test.projectName}] ` : ''}${[...titles, spec.title].join(' › ')}`,
      file: relative(root, resolve(report.config.rootDir, spec.file)),
      line: spec.line,
      ...readTest(test),
    })),
    executed: asked.filter(({ test }) => wasExecuted(test)).length,
    interrupted: all.some(({ test }) => test.results.some((result) => result.status === 'interrupted')),
    errors: report.errors.map((error) => error.message ?? 'an error without a message'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The titles are those of the describe blocks; the outermost suite is the file. */
function specsOf(suite: Suite, titles: readonly string[]): { spec: Spec; titles: readonly string[] }[] {
  return [
    ...suite.specs.map((spec) => ({ spec, titles })),
    ...suite.suites.flatMap((inner) => specsOf(inner, [...titles, inner.title])),
  ];
}

function readTest(test: Test): Pick<TestCase, 'status' | 'duration_ms' | 'message'> {
  const messages = test.results.flatMap((result) => result.errors.map((error) => error.message ?? ''));
  const message = messages.filter((text) => text !== '').join('\n\n');
  const told = test.status === 'expected' ? '' : message;
  return {
    status: statusOf(test),
    duration_ms: test.results.reduce((sum, result) => sum + result.duration, 0),
    ...(told && { message: told }),
  };
}

const statuses = { unexpected: 'failed', flaky: 'flaky', expected: 'passed', skipped: 'skipped' } as const;
const statusOf = (test: Test): TestCase['status'] => statuses[test.status];

const wasExecuted = (test: Test): boolean =>
  test.results.some(({ status }) => status === 'passed' || status === 'failed' || status === 'timedOut');
