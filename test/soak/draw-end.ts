import type { FinishJob, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { TestCase } from '../../protocol/shapes/job.ts';
import type { Random } from '../support/random.ts';

type Ending = Omit<FinishJob, 'attempt' | 'duration_ms'>;

/** How an attempt ends: with a verdict, with an agent that is never heard again, or past its time. */
export type End = Ending | 'vanishes' | 'hangs';

const stack = Array.from(
  { length: 40 },
  (_, n) => `    at step ${n} (tests/support/steps.ts:${n * 7 + 3}:11)`,
).join('\n');

/** How an attempt without a verdict ends, as often as they stand here. */
const troubles: readonly End[] = [
  'vanishes',
  'vanishes',
  'hangs',
  { verdict: 'error', error_class: 'infra_error', error: 'the device went offline' },
  { verdict: 'error', error_class: 'infra_error', error: 'adb: device not found' },
  { verdict: 'error', error_class: 'timeout', error: 'no end within the time' },
];

/** Most tests pass; some fail, most of those only once. `percent` of the attempts get no verdict. */
export function drawEnd(random: Random, job: LeasedJob, ms: number, percent: number): End {
  if (random.next() * 100 < percent) return random.pick(troubles);
  const drawn = random.next();
  if (drawn < (job.next_attempt === 1 ? 0.08 : 0.03))
    return {
      verdict: 'failed',
      error: 'expected 3, received 4',
      tests: drawCases(random, job, ms, 'failed'),
    };
  return { verdict: 'passed', tests: drawCases(random, job, ms, drawn < 0.1 ? 'flaky' : 'passed') };
}

/** Some cases that passed, and a last one. */
function drawCases(
  random: Random,
  { test_path }: LeasedJob,
  ms: number,
  last: TestCase['status'],
): TestCase[] {
  const cases = random.between(1, 6);
  return Array.from({ length: cases }, (_, n) => {
    const status = n === cases - 1 ? last : 'passed';
    return {
      ...{ name: `${test_path} case ${n}`, file: test_path, line: n * 10 + 1, status },
      duration_ms: Math.floor(ms / cases),
      ...(status === 'failed' && { message: stack.slice(0, random.between(100, stack.length)) }),
    };
  });
}
