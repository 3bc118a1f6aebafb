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
 * Why the counters of an element cannot be believed with what stands in it, in words: they tell of more failures or of
 * more tests. Fewer are no contradiction: tools leave out what was skipped or tried again, and count assertions.
 */
export function findContradiction(attributes: Attributes, shown: Shown): string | undefined {
  const count = (...names: string[]): number => Math.max(0, ...valuesOf(attributes, names).map(readCount));
  const failures = Math.max(
    count('failures', 'failure', 'failed', 'fails', 'fail') + count('errors', 'error', 'errored'),
    count('timeouts', 'timedout', 'crashes', 'crashed', 'aborted', 'unexpected'),
  );
  if (failures > shown.failures)
    return `counts ${failures} failures and errors, but shows ${shown.failures || 'none'}`;
  const skips = [
    count('skipped', 'skip', 'skips'),
    count('disabled'),
    count('ignored'),
    count('notrun', 'suppressed'),
  ];
  // Some tools count what was skipped and do not list it.
  const unlisted = count('tests', 'total', 'testcases') - shown.cases - shown.tries;
  if (unlisted > Math.max(0, sum(skips) - shown.skipped))
    return `counts ${unlisted + shown.cases + shown.tries} tests, but shows ${shown.cases}`;
  // jest-junit lists what is yet to be written as a test, and does not count it.
  if (shown.suites === 0 && shown.cases > shown.skipped + shown.failures && countsNone(attributes))
    return 'counts 0 tests, so that none ran';
  const unmarked = Math.max(...skips) - Math.max(0, unlisted) - shown.skipped;
  const ran = shown.cases - shown.skipped;
  if (unmarked > 0 && unmarked >= ran) return `counts ${Math.max(...skips)} skipped tests, so that none ran`;
  return undefined;
}

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
