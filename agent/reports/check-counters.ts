import type { Attributes } from './xml-tag.ts';

/** What a suite or a whole report shows: its cases, the tries of them, and their results. */
export interface Shown {
  readonly cases: number;
  /** Suites that have ended. */
  readonly suites: number;
  /** Elements that show one more try of a case. */
  readonly tries: number;
  /** Failed cases, or failed tries of them, whichever are more. */
  readonly failures: number;
  readonly skipped: number;
}

/** No report has more. A larger number is an unsigned counter that went below zero. */
const most = 1_000_000_000;

/**
 * Why the counters of an element contradict what it shows, in words: they say more failures, or that no test ran. Lower
 * counters are no contradiction: tools do not count what was skipped or tried again, and some count assertions.
 */
export function findContradiction(attributes: Attributes, shown: Shown): string | undefined {
  const failures = Math.max(
    count(attributes, 'failures', 'failure', 'failed', 'fails', 'fail') +
      count(attributes, 'errors', 'error', 'errored'),
    count(attributes, 'timeouts', 'timedout', 'crashes', 'crashed', 'aborted', 'unexpected'),
  );
  if (failures > shown.failures)
    return `counts ${failures} failures and errors, but shows ${shown.failures || 'none'}`;
  // jest-junit shows tests that are still to be written, and does not count them.
  if (shown.suites === 0 && shown.cases > shown.skipped + shown.failures && countsNone(attributes))
    return 'counts 0 tests, so that none ran';
  const skips = Math.max(...countSkips(attributes));
  const unmarked = skips - Math.max(0, countTests(attributes) - shown.cases - shown.tries) - shown.skipped;
  const ran = shown.cases - shown.skipped;
  if (unmarked > 0 && unmarked >= ran) return `counts ${skips} skipped tests, so that none ran`;
  return undefined;
}

/** The same where they count more tests than are shown or counted as skipped: some tools do not show skipped ones. */
export function findMissing(attributes: Attributes, shown: Shown): string | undefined {
  const tests = countTests(attributes);
  const unlisted = tests - shown.cases - shown.tries;
  return unlisted > Math.max(0, sum(countSkips(attributes)) - shown.skipped)
    ? `counts ${tests} tests, but shows ${shown.cases}`
    : undefined;
}

/** True where the tests that are counted but not shown are exactly the skipped ones. */
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

/** 0 for a text that is no number, and for an impossible number. */
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
