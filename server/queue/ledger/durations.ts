/** So many passes say how long a test takes. */
const kept = 40;

/** With one more, the oldest first. */
export const addDuration = (durations: readonly number[], ms: number): number[] =>
  [...durations, Math.round(ms)].slice(-kept);

/** The least value that at least this share of them do not exceed, ms; undefined where there are none. */
export const quantileOf = (durations: readonly number[], share: number): number | undefined =>
  durations.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * durations.length) - 1)];
