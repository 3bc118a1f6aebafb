import type { Attributes } from './xml-tag.ts';

/** What stands in a suite or a whole report: cases, repeats of them, and what they say. */
export interface Shown {
  readonly cases: number;
  /** Suites that were read to their end. */
  readonly suites: number;
  /** Elements that tell of one more try of a case. */
  readonly tries: number;
  /** Cases that failed, or tries of them, whichever are more. */
  readonly failures: number;
  readonly skipped: number;
}

/** No report has more. A larger number is one that went below zero. */
const most = 1_000_000_000;

/**
 * Why the counters of an element cannot be believed with what stands in it, in words: they tell of more failures, or of
 * no test that ran. Fewer are no contradiction: tools leave out what was skipped or tried again, and count assertions.
 */
export function findContradiction(attributes: Attributes, shown: Shown): string | undefined {
  const failures = Math.max(
    count(attributes, 'failures', 'failure', 'failed', 'fails', 'fail') +
      count(attributes, 'errors', 'error', 'errored'),
    count(attributes, 'timeouts', 'timedout', 'crashes', 'crashed', 'aborted', 'unexpected'),
  );
  if (failures > shown.failures)
    return `counts ${failures} failures and errors, but shows ${shown.failures || 'none'}`;
  // jest-junit lists what is yet to be written as a test, and does not count it.
  if (shown.suites === 0 && shown.cases > shown.skipped + shown.failures && countsNone(attributes))
    return 'counts 0 tests, so that none ran';
  const skips = Math.max(...countSkips(attributes));
  const unmarked = skips - Math.max(0, countTests(attributes) - shown.cases - shown.tries) - shown.skipped;
  const ran = shown.cases - shown.skipped;
  if (unmarked > 0 && unmarked >= ran) return `counts ${skips} skipped tests, so that none ran`;
  return undefined;
}

/** The same where they tell of more tests than stand there, and than they count as skipped: some tools do not list those. */
export function findMissing(attributes: Attributes, shown: Shown): string | undefined {
  const tests = countTests(attributes);
  const unlisted = tests - shown.cases - shown.tries;
  return unlisted > Math.max(0, sum(countSkips(attributes)) - shown.skipped)
    ? `counts ${tests} tests, but shows ${shown.cases}`
    : undefined;
}

/** True where all tests are counted, and those that are not listed are the skipped ones, to the last. */
export const accountsForAll = (attributes: Attributes, shown: Shown): boolean =>
  countTests(attributes) - sum(countSkips(attributes)) === shown.cases - shown.skipped;

const countTests = (attributes: Attributes): number => count(attributes, 'tests', 'total', 'testcases');

const countSkips = (attributes: Attributes): number[] => [
  count(attributes, 'skipped', 'skip', 'skips'),
  count(attributes, 'disabled'),
  count(attributes, 'ignored'),
  count(attributes, 'notrun', 'suppressed'),
];

const count = (attributes: Attributes, ...names: string[]): number =>
  Math.max(0, ...valuesOf(attributes, names).map(readCount));

const countsNone = (attributes: Attributes): boolean =>
  valuesOf(attributes, ['tests']).some((written) => /^\s*0+\s*$/.test(written));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const valuesOf = (attributes: Attributes, names: readonly string[]): string[] =>
  attributes.filter(([name]) => names.includes(name.replace(/[-_]?count$/, ''))).map(([, value]) => value);

/** 0 for what is no number, and for one that cannot be. */
function readCount(written: string): number {
  const [digits] = /^\d+/.exec(
    written
      .trim()
      .replace(/^\+/, '')
      .replace(/(?<=\d)[.,\s'](?=\d{3}(?!\d))/g, ''),
  ) ?? ['0'];
  const count = Number(digits);
  return count <= most ? count : 0;
}
