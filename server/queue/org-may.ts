/** The org may lease: not paused, below its cap. Asked by the choice and again, exactly, by the take. */
export const orgMay = `o.paused_at IS NULL AND (o.max_leases IS NULL OR
  (SELECT count(*) FROM leases l WHERE l.org_id = o.id AND l.state = 'active') < o.max_leases)`;
