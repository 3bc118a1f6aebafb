import { isBorrowed, isOnline } from '../fleet/index.ts';
import { orgMayUse } from '../store/org-may.ts';

/** Something of the pool of the borrow `w` is queued that came before it (SQL). SEARCH b USING COVERING INDEX batches_arrived */
export const hasEarlierWork = (w: string): string => `EXISTS (SELECT 1 FROM batches b
  WHERE b.pool_id = ${w}.pool_id AND b.queued > 0 AND b.submitted_at <= ${w}.requested_at)`;

/**
 * The device `d` of the agent `a` can be lent now (SQL): it is online, nobody has paused or borrowed it, its agent does not
 * drain, and no lease runs on it. It may be benched: who names it may want to see what is wrong with it.
 */
export const mayLend = (since: string): string => `${isOnline(since)} AND a.drain = 0 AND d.paused_at IS NULL
  AND NOT ${isBorrowed} AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.device_id = d.id AND l.state = 'active')`;

/** The org of the borrow `w` may have one more device (SQL): borrowed ones count as its leases do. The operator has no cap. */
export const orgMayBorrow = (w: string): string =>
  `NOT EXISTS (SELECT 1 FROM orgs o WHERE o.id = ${w}.org_id AND NOT (${orgMayUse(`${w}.target`)}))`;
