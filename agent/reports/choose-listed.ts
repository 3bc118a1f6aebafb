import type { TestCase } from '../../protocol/shapes/job.ts';

/** What a reader misses most comes first. */
const order = ['failed', 'flaky', 'passed', 'skipped'] as const;

/** At most `count` tests, in their order: failures stay, then flaky ones, passed ones, skipped ones. */
export function chooseListed(tests: readonly TestCase[], count: number): readonly TestCase[] {
  if (tests.length <= count) return tests;
  const left = new Map<string, number>();
  let room = count;
  for (const status of order) {
    const wanted = tests.reduce((sum, test) => sum + (test.status === status ? 1 : 0), 0);
    left.set(status, Math.min(wanted, room));
    room -= Math.min(wanted, room);
  }
  return tests.filter(({ status }) => {
    const some = left.get(status) ?? 0;
    left.set(status, some - 1);
    return some > 0;
  });
}
