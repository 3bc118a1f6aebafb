import { addToDays, type End } from './days.ts';
import { addDuration } from './durations.ts';
import { type CountedJob, keyOf } from './find-passes.ts';
import type { EndedJob } from './read-ended.ts';
import type { TestResult } from './results-of-job.ts';
import type { TestRow } from './test-rows.ts';

/** A job in which a test failed. */
export interface Failure {
  readonly testId: string;
  readonly at: number;
  readonly jobId: string;
  readonly runId: string;
  readonly source: string;
  readonly isFlaky: boolean;
}

/** A failure of before that turns out to be flaky, since the test has passed on its source now. */
export type Resolved = Pick<Failure, 'testId' | 'at' | 'jobId'>;

/**
 * Counts jobs into the rows of their tests (changed in place), and answers their failures. A test that failed in a job is flaky
 * there if it is in `passes`, by `keyOf`; else it counts as failed, until it passes on that source.
 */
export function countResults(
  rows: Map<string, TestRow>,
  counted: readonly CountedJob[],
  passes: ReadonlySet<string>,
): Failure[] {
  const failures: Failure[] = [];
  for (const { job, results } of counted)
    for (const result of results) {
      const { testId, failed } = result;
      const isFlaky = failed && passes.has(keyOf(testId, job.source));
      const end = !failed ? 'passed' : isFlaky ? 'flaky' : 'failed';
      rows.set(testId, countResult(rows.get(testId), job, result, end));
      const { at, jobId, runId, source } = job;
      if (failed) failures.push({ testId, at, jobId, runId, source, isFlaky });
    }
  return failures;
}

function countResult(row: TestRow | undefined, job: EndedJob, result: TestResult, end: End): TestRow {
  const { testId: id, test, isLeaf, hasReport, durationMs } = result;
  const { at } = job;
  const before = row ?? { days: [], durations: [], firstRunAt: at, lastRunAt: at, lastFailedAt: null };
  return {
    ...{ id, ...test, isLeaf, hasReport: hasReport || (row?.hasReport ?? false) },
    days: addToDays(before.days, at, end),
    durations: durationMs === undefined ? before.durations : addDuration(before.durations, durationMs),
    firstRunAt: before.firstRunAt,
    lastRunAt: Math.max(before.lastRunAt, at),
    lastFailedAt: end === 'passed' ? before.lastFailedAt : Math.max(before.lastFailedAt ?? 0, at),
  };
}

/** Failures of before become flaky, on the day of their job. */
export function resolveFailures(rows: Map<string, TestRow>, resolved: readonly Resolved[]): void {
  for (const { testId, at } of resolved) {
    const row = rows.get(testId);
    if (row)
      rows.set(testId, { ...row, days: addToDays(addToDays(row.days, at, 'failed', -1), at, 'flaky') });
  }
}
