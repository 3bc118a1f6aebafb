import type { TestCase } from '../../../protocol/shapes/job.ts';

/**
 * Which test of one list is which of an earlier list: places of the earlier list, by places of the other. A test is
 * found by its id; where it or its partner has none, by file and name, the first of several with the first.
 */
export function matchTests(
  earlier: readonly TestCase[],
  now: readonly TestCase[],
): ReadonlyMap<number, number> {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const pair = (keyOf: (test: TestCase) => string | undefined, fits: Fits) => {
    const places = placesOf(earlier, keyOf, taken);
    for (const [place, test] of now.entries()) {
      const key = keyOf(test);
      if (key === undefined || partners.has(place)) continue;
      const same = places.get(key) ?? [];
      const index = same.findIndex((at) => fits(earlier[at], test));
      const [found] = index < 0 ? [] : same.splice(index, 1);
      if (found === undefined) continue;
      partners.set(place, found);
      taken.add(found);
    }
  };
  pair(
    ({ id }) => id,
    () => true,
  );
  // Two ids that differ are two tests, whatever their names.
  pair(
    ({ file = '', name }) => JSON.stringify([file, name]),
    (one, other) => one?.id === undefined || other.id === undefined,
  );
  return partners;
}

type Fits = (earlier: TestCase | undefined, now: TestCase) => boolean;

function placesOf(
  tests: readonly TestCase[],
  keyOf: (test: TestCase) => string | undefined,
  without: ReadonlySet<number>,
): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, test] of tests.entries()) {
    const key = keyOf(test);
    if (key === undefined || without.has(place)) continue;
    const same = places.get(key);
    if (same) same.push(place);
    else places.set(key, [place]);
  }
  return places;
}
