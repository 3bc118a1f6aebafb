/**
 * The device `d` of the agent `a` may be given a lease: its agent offers it and does not drain, nobody has paused it, and
 * it is not benched at the instant `now` (SQL). The choice asks it, and the take again.
 */
export const deviceMay = (now: string): string =>
  `d.listed = 1 AND d.paused_at IS NULL AND coalesce(d.benched_until, 0) <= ${now} AND a.drain = 0`;
