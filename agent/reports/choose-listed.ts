import type { TestCase } from '../../protocol/shapes/job.ts';

/** What a reader misses most comes first. */
const order = ['failed', 'flaky', 'passed', 'skipped'] as const;

/** The places of at most `count` tests: those that failed first, then flaky, passed and skipped ones. */
export function choosePlaces(tests: readonly TestCase[], count: number): number[] {
  const places: number[] = [];
  for (const status of order) {
    for (let place = 0; place < tests.length && places.length < count; place += 1) {
      if (tests[place]?.status === status) places.push(place);
    }
  }
  return places;
}

/** The same tests in the order of the report. */
export function chooseListed(tests: readonly TestCase[], count: number): readonly TestCase[] {
  if (tests.length <= count) return tests;
  const places = choosePlaces(tests, count).sort((a, b) => a - b);
  return places.map((place) => tests[place] as TestCase);
}
