/** The jobs of one day, by how a test went in them. */
export type Day = readonly [day: number, passed: number, flaky: number, failed: number];

/**
 * `passed`: it passed and never failed. `flaky`: it failed, and passed on the same source, in this job or in another.
 * `failed`: it failed, and is not known to have passed on this source.
 */
export const ends = ['passed', 'flaky', 'failed'] as const;
export type End = (typeof ends)[number];

const dayMs = 24 * 3_600_000;
/** So many days, today included, are what a test is judged by. */
export const windowDays = 30;

export const dayOf = (at: number): number => Math.floor(at / dayMs);
/** The first day of the window at this instant. */
export const firstDay = (now: number): number => dayOf(now) - windowDays + 1;
export const startOfDay = (day: number): number => day * dayMs;

/** One job more (or, by `n` of -1, one less) with this end, on the day of `at`. */
export function addToDays(days: readonly Day[], at: number, end: End, n: 1 | -1 = 1): Day[] {
  const day = dayOf(at);
  const found = days.find(([one]) => one === day) ?? ([day, 0, 0, 0] as const);
  const changed = found.map((value, place) =>
    place === 1 + ends.indexOf(end) ? Math.max(0, value + n) : value,
  ) as unknown as Day;
  return [...days.filter(([one]) => one !== day), changed].sort(([a], [b]) => a - b);
}

/** Those of the window at `now`. */
export const inWindow = (days: readonly Day[], now: number): Day[] =>
  days.filter(([day]) => day >= firstDay(now));

export type Sums = Readonly<Record<End, number>>;

export function sumOf(days: readonly Day[]): Sums {
  let [passed, flaky, failed] = [0, 0, 0];
  for (const [, p, f, x] of days) {
    passed += p;
    flaky += f;
    failed += x;
  }
  return { passed, flaky, failed };
}
