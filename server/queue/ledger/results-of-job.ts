import type { TestCase } from '../../../protocol/shapes/job.ts';
import { isNamedWhole } from '../store/named-whole.ts';
import type { Verdict } from './read-verdicts.ts';
import { caseOf, type FileIdentity, fileOf, type TestIdentity, testIdOf } from './test-identity.ts';

/** How a test went in one job, over all its attempts. Both may be true: then it was flaky there. */
export interface TestResult {
  readonly testId: string;
  readonly test: TestIdentity;
  readonly passed: boolean;
  readonly failed: boolean;
  /** Nothing smaller is known of: a case, or a file whose reports list none. */
  readonly isLeaf: boolean;
  /** Of a file: an attempt of the job had a report, whether its cases are known or not. */
  readonly hasReport: boolean;
  /** Of its last pass; undefined where that is not the time of the whole test. */
  readonly durationMs: number | undefined;
}

/**
 * How the test file went in a job, and each case that its reports list. Nothing where no attempt had a verdict. Cases count only
 * where every report of the job lists all of them: of longer ones failures are listed first, so they would seem too frequent.
 */
export function resultsOfJob(of: FileIdentity, verdicts: readonly Verdict[]): TestResult[] {
  if (verdicts.length === 0) return [];
  const cases = verdicts.every(listsAll) ? casesOf(of, verdicts) : [];
  const test = fileOf(of);
  const hasCases = verdicts.some(({ tests }) => tests !== undefined && tests.length > 0);
  const whole = verdicts.findLast(({ verdict, isSelection }) => verdict === 'passed' && !isSelection);
  const file: TestResult = {
    ...{ testId: testIdOf(test), test, isLeaf: !hasCases },
    hasReport: hasCases || verdicts.some(({ report }) => report !== undefined),
    passed: verdicts.some(({ verdict }) => verdict === 'passed'),
    failed: verdicts.some(({ verdict, report }) => verdict === 'failed' || (report?.flaky ?? 0) > 0),
    durationMs: whole?.durationMs ?? undefined,
  };
  return [file, ...cases];
}

const listsAll = ({ tests, report }: Verdict): boolean =>
  tests !== undefined && (report === undefined || report.total <= tests.length);

function casesOf(of: FileIdentity, verdicts: readonly Verdict[]): TestResult[] {
  const results = new Map<string, TestResult>();
  for (const { tests = [] } of verdicts)
    for (const [testId, one] of worstOf(of, tests)) {
      const before = results.get(testId);
      results.set(testId, before ? both(before, one) : one);
    }
  return [...results.values()];
}

const both = (before: TestResult, now: TestResult): TestResult => ({
  ...now,
  passed: before.passed || now.passed,
  failed: before.failed || now.failed,
  durationMs: now.durationMs ?? before.durationMs,
});

/**
 * The cases that one attempt ran. Where several have one name, a failure of one counts for all: that another one passed is no
 * sign that this one can.
 */
function worstOf(of: FileIdentity, tests: readonly TestCase[]): Map<string, TestResult> {
  const found = new Map<string, TestResult>();
  for (const one of tests) {
    if (one.status === 'skipped' || one.name === '' || !isNamedWhole(one)) continue;
    const test = caseOf(of, one);
    const testId = testIdOf(test);
    const failed = one.status !== 'passed';
    const before = found.get(testId);
    found.set(testId, {
      ...{ testId, test, isLeaf: true, hasReport: false },
      passed: one.status !== 'failed' && (before?.passed ?? true),
      failed: failed || (before?.failed ?? false),
      durationMs: failed ? undefined : one.duration_ms,
    });
  }
  return found;
}
