import { filledLines, oneLine } from '../../protocol/clean-text.ts';
import type { Attempt, Job, TestCase } from '../../protocol/shapes/job.ts';
import { type Tested, testsOf, unlistedFailures } from '../../report/tally.ts';
import { inColour } from './colour.ts';

/** Enough for an assertion: the values begin in its second line, and may have several lines. */
const messageLines = 6;

/** A test's name, its place, and the first lines of its message, after `indent`. */
export function describeTest(test: TestCase, indent: string): string[] {
  const where = placeOf(test);
  return [
    `${indent}${oneLine(test.name)}${where}`,
    ...filledLines(test.message ?? '')
      .slice(0, messageLines)
      .map((line) => `${indent}  ${inDiffColour(line)}`),
  ];
}

/** ` (tests/cart.spec.ts:12)`, so that an editor opens it. */
function placeOf({ file, line }: TestCase): string {
  if (file !== undefined) return ` (${oneLine(file)}${line === undefined ? '' : `:${line}`})`;
  return line === undefined ? '' : ` (line ${line})`;
}

/** What was expected is green and what came is red, as the frameworks themselves show it. */
function inDiffColour(line: string): string {
  if (/^\s*(?:expected\b|- )/i.test(line)) return inColour('passed', line);
  return /^\s*(?:received\b|actual\b|\+ )/i.test(line) ? inColour('failed', line) : line;
}

const testsShown = 200;

/** Why a job or an attempt did not pass: its failing tests, else its error. */
export function describeFailure(of: Tested & Pick<Job | Attempt, 'error'>, indent: string): string[] {
  const failing = testsOf(of, 'failed');
  const unlisted = unlistedFailures(of);
  const hidden = failing.length - testsShown;
  const more = [hidden > 0 && `and ${hidden} more failed tests`, unlisted].filter(
    (line) => typeof line === 'string',
  );
  const lines =
    failing.length > 0
      ? failing.slice(0, testsShown).flatMap((test) => describeTest(test, indent))
      : describeError(of.error ?? '', indent);
  return [...lines, ...more.map((line) => `${indent}${line}`)];
}

/** The tests that passed only after a failure, with its message. */
export const describeFlaky = (of: Tested, indent: string): string[] =>
  testsOf(of, 'flaky')
    .slice(0, testsShown)
    .flatMap((test) => describeTest(test, indent));

/** The first line of an error says what happened; below it is the output, of which the end says most. */
export function describeError(error: string, indent: string): string[] {
  const [first, ...rest] = filledLines(error);
  const lines = first === undefined ? [] : [first, ...rest.slice(1 - messageLines)];
  return lines.map((line) => `${indent}${line}`);
}
