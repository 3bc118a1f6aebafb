/** A person has the device `d` (SQL). Only the end of the borrow changes that, however late it comes: what is installed is forgotten with it. */
export const isBorrowed = `EXISTS (SELECT 1 FROM borrows w WHERE w.device_id = d.id AND w.status = 'active')`;

/**
 * The device `d` of the agent `a` may get a lease (SQL): its agent lists it and does not drain, nobody has paused or borrowed it,
 * and it is benched neither by its agent, nor by comparison with others, nor at the instant `now` (SQL). The choice checks this, and the take checks it again.
 */
export const deviceMay = (now: string): string =>
  `d.listed = 1 AND d.paused_at IS NULL AND d.fault IS NULL AND d.blame IS NULL AND coalesce(d.benched_until, 0) <= ${now} AND a.drain = 0 AND NOT ${isBorrowed}`;

/** The device `d` of the agent `a` is online (SQL): listed by an agent that was heard at or after `since` (SQL). */
export const isOnline = (since: string): string => `d.listed = 1 AND a.last_seen_at >= ${since}`;

/** The status of the device `d` of the agent `a`, with the live lease `l` if it has one (SQL), as the API shows it. */
export const deviceStatus = (now: string, since: string): string => `CASE
  WHEN NOT (${isOnline(since)}) THEN 'offline'
  WHEN ${isBorrowed} THEN 'borrowed'
  WHEN d.paused_at IS NOT NULL THEN 'paused'
  WHEN d.fault IS NOT NULL OR d.blame IS NOT NULL OR coalesce(d.benched_until, 0) > ${now} THEN 'benched'
  WHEN l.id IS NOT NULL THEN 'busy' ELSE 'idle' END`;
