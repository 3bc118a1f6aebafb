import { shortLine } from '../../../protocol/clean-text.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ExplainedFailure, ExplainedRun } from '../../../protocol/shapes/explain.ts';

type Head = Omit<ExplainedRun, 'failures' | 'failures_left_out' | 'next'>;

/** Length of a path or a title, of an error, of what a job waits for; the shortest is for texts whose characters have 4 bytes. */
const lengths = [
  [200, 300, 300],
  [100, 160, 160],
  [50, 60, 60],
] as const;
type Lengths = (typeof lengths)[number];
const leastFailures = 3;

/**
 * The answer with as many kinds of failure as 4 kB hold, with shorter texts where only a few would fit. `red`: failed and
 * errored jobs of the run.
 */
export function fitExplanation(
  head: Head,
  failures: readonly ExplainedFailure[],
  red: number,
  next: ExplainedRun['next'],
): ExplainedRun {
  const wanted = Math.min(leastFailures, failures.length);
  let fitting: ExplainedRun = { ...head, failures: [], failures_left_out: red, next: null };
  for (const length of lengths) {
    fitting = { ...fitting, next: shortNext(next, length) };
    for (let count = failures.length; count > 0; count -= 1) {
      const told = failures.slice(0, count).map((one) => shorten(one, length));
      const left = red - told.reduce((sum, { alike }) => sum + 1 + alike, 0);
      const whole = { ...fitting, failures: told, failures_left_out: Math.max(0, left) };
      if (Buffer.byteLength(JSON.stringify(whole)) > limits.explanationBytes) continue;
      if (count >= wanted || length === lengths.at(-1)) return whole;
      break;
    }
  }
  return fitting;
}

const shorten = (failure: ExplainedFailure, [name, error]: Lengths): ExplainedFailure => ({
  ...failure,
  test_path: shortLine(failure.test_path, name),
  test: failure.test && shortLine(failure.test, name),
  at: failure.at && shortLine(failure.at, name),
  error: failure.error && shortLine(failure.error, error),
  device: failure.device && shortLine(failure.device, name),
});

const shortNext = (next: ExplainedRun['next'], [, , message]: Lengths): ExplainedRun['next'] =>
  next && {
    ...next,
    blocked_by: next.blocked_by
      .slice(0, 3)
      .map((one) => ({ ...one, message: shortLine(one.message, message) })),
  };
