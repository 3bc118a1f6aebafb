import type { Report, TestCase } from '../../../protocol/shapes/job.ts';

/** A list of tests as it is stored. */
interface Listed {
  readonly tests: readonly TestCase[];
  readonly report?: Report | undefined;
}

/**
 * Bytes of a list of tests as JSON. An attempt has two lists, its own and the one merged with those before it, and the ids
 * of what a next attempt runs (see `fitResult`).
 */
export const listBytes = 1_100_000;
const shortMessage = 300;

const order = ['failed', 'flaky', 'passed', 'skipped'] as const;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/** The list in at most `most` bytes of JSON: messages are cut, then tests left out, first those that say least. */
export function fitTests<T extends Listed>(listed: T, most = listBytes): T {
  if (bytesOf(listed.tests) <= most) return listed;
  const short = listed.tests.map((test) =>
    test.message === undefined ? test : { ...test, message: test.message.slice(0, shortMessage) },
  );
  let left = most;
  const kept = new Set(
    order
      .flatMap((status) => short.filter((test) => test.status === status))
      .filter((test) => {
        left -= bytesOf(test);
        return left >= 0;
      }),
  );
  const tests = short.filter((test) => kept.has(test));
  return { ...listed, tests, ...(listed.report && { report: { ...listed.report, listed: tests.length } }) };
}
