/** What is known of a job's test when the job is submitted. */
export interface TestHistory {
  /** When its last finished run failed, in ms since 1970; null where that run passed, or none has finished. */
  readonly failedAt: number | null;
  /** Its duration was measured before. */
  readonly isKnown: boolean;
  /** Its predicted duration, ms. */
  readonly estimateMs: number;
}

/** Above every duration in ms. */
const longest = 2 ** 41;

/**
 * The place of a job among those of its batch, lower first: first the tests whose last run failed, the most recent
 * failure first, since a pull request waits for them; then new tests; then by predicted duration, longest first, so that
 * devices end together. One number, so that an index gives the order.
 */
export function sortKeyOf({ failedAt, isKnown, estimateMs }: TestHistory): number {
  if (failedAt !== null) return -failedAt;
  return isKnown ? Math.max(1, longest - Math.round(estimateMs)) : 0;
}
