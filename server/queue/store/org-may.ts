/** How many devices the org `o` has in use (SQL): its live leases, and what its people have borrowed. */
export const liveLeases = `((SELECT count(*) FROM leases l WHERE l.org_id = o.id AND l.state = 'active')
  + (SELECT count(*) FROM borrows x WHERE x.org_id = o.id AND x.status = 'active'))`;

/**
 * The org `o` may have one more device of the target (SQL), by a lease or a borrow: it is not paused, neither as a whole nor on the
 * target, and with `more` (SQL) beside those that it has in use it is below its cap. A choice checks this, and the take checks it
 * again, exactly.
 */
export const orgMayUse = (target: string, more = '0'): string => `o.paused_at IS NULL
  AND (o.paused_targets = '[]' OR ${target} NOT IN (SELECT value FROM json_each(o.paused_targets)))
  AND (o.max_leases IS NULL OR
    ${liveLeases} + ${more} < o.max_leases)`;
