import type { Attempt, Job, TestCase } from '../../protocol/shapes/job.ts';
import { allLines, firstLines, oneLine } from './clean-text.ts';

/** What an assertion compares begins in its second line, and may be an object of some lines. */
const messageLines = 6;

/** A failing test by name, with the first lines of what it said; indented by `indent`. */
export function describeTest(test: TestCase, indent: string): string[] {
  const where = test.line === undefined ? '' : ` (line ${test.line})`;
  return [
    `${indent}${oneLine(test.name)}${where}`,
    ...firstLines(test.message ?? '', messageLines).map((line) => `${indent}  ${line}`),
  ];
}

/** What went wrong in a job or in one attempt: its failing tests, else the error that it ended with. */
export function describeFailure(of: Pick<Job | Attempt, 'tests' | 'error'>, indent: string): string[] {
  const failing = (of.tests ?? []).filter((test) => test.status === 'failed');
  if (failing.length > 0) return failing.flatMap((test) => describeTest(test, indent));
  return describeError(of.error ?? '', indent);
}

/** An error is a line that says what happened and, below it, the end of what was written, which says most at its end. */
export function describeError(error: string, indent: string): string[] {
  const [first, ...rest] = allLines(error);
  const lines = first === undefined ? [] : [first, ...rest.slice(1 - messageLines)];
  return lines.map((line) => `${indent}${line}`);
}
