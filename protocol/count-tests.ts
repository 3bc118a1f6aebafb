import type { Report, TestCase } from './shapes/job.ts';

/** How many tests ended with each status. One that is flaky passed in the end: it counts as passed too. */
export type TestCounts = Pick<Report, TestCase['status']>;

export function countTests(tests: readonly Pick<TestCase, 'status'>[]): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0, flaky: 0 };
  for (const { status } of tests) counts[status] += 1;
  counts.passed += counts.flaky;
  return counts;
}
