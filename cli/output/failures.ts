import { type Tested, testsOf, unlistedFailures } from '../../client/tally.ts';
import { filledLines, oneLine } from '../../protocol/clean-text.ts';
import type { Attempt, Job, TestCase } from '../../protocol/shapes/job.ts';

/** What an assertion compares begins in its second line, and may be an object of some lines. */
const messageLines = 6;

/** A failing test by name, with the first lines of what it said; indented by `indent`. */
export function describeTest(test: TestCase, indent: string): string[] {
  const where = test.line === undefined ? '' : ` (line ${test.line})`;
  return [
    `${indent}${oneLine(test.name)}${where}`,
    ...filledLines(test.message ?? '')
      .slice(0, messageLines)
      .map((line) => `${indent}  ${line}`),
  ];
}

const testsShown = 200;

/** What went wrong in a job or in one attempt: its failing tests, else the error that it ended with. */
export function describeFailure(of: Tested & Pick<Job | Attempt, 'error'>, indent: string): string[] {
  const failing = testsOf(of, 'failed');
  const unlisted = unlistedFailures(of);
  const hidden = failing.length - testsShown;
  const more = [hidden > 0 && `and ${hidden} more failed tests`, unlisted].filter(
    (line) => typeof line === 'string',
  );
  const told =
    failing.length > 0
      ? failing.slice(0, testsShown).flatMap((test) => describeTest(test, indent))
      : describeError(of.error ?? '', indent);
  return [...told, ...more.map((line) => `${indent}${line}`)];
}

/** The tests that passed only after a failure, with what the failure said. */
export const describeFlaky = (of: Tested, indent: string): string[] =>
  testsOf(of, 'flaky')
    .slice(0, testsShown)
    .flatMap((test) => describeTest(test, indent));

/** An error is a line that says what happened and, below it, the end of what was written, which says most at its end. */
export function describeError(error: string, indent: string): string[] {
  const [first, ...rest] = filledLines(error);
  const lines = first === undefined ? [] : [first, ...rest.slice(1 - messageLines)];
  return lines.map((line) => `${indent}${line}`);
}
