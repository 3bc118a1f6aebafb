/**
 * The org `o` may lease of a batch `b`: not paused, nor on its target, and below its cap with as many `more` leases beside
 * those that are live. Asked by the choice and again, exactly, by the take.
 */
export const orgMayBeside = (more: string): string => `o.paused_at IS NULL
  AND (o.paused_targets = '[]' OR b.target NOT IN (SELECT value FROM json_each(o.paused_targets)))
  AND (o.max_leases IS NULL OR
    (SELECT count(*) FROM leases l WHERE l.org_id = o.id AND l.state = 'active') + ${more} < o.max_leases)`;

export const orgMay = orgMayBeside('0');
