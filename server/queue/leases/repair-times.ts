import { longestBackoffMs } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';

/** The longest `QGJOB_LEASE_TTL_MS` that a server may have, ms. */
export const longestTtlMs = 3_600_000;

/**
 * At a start: shortens ends of leases and backoffs that lie further ahead than they can, because a wrong clock wrote
 * them. Else a lease would never expire, or a backoff would last for days. Where other servers may have given the
 * leases, by a longer TTL than this one's, only the longest possible is too long.
 */
export async function repairTimes(deps: Deps): Promise<void> {
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `UPDATE leases SET expires_at = ?1 WHERE state = 'active' AND expires_at > ?1`,
      args: [now + (deps.sql.isRemote ? longestTtlMs : deps.settings.leaseTtlMs)],
    },
    {
      sql: `UPDATE jobs SET run_at = ?1 WHERE status = 'waiting' AND run_at > ?1 AND wait_reason <> 'delay'`,
      args: [now + longestBackoffMs],
    },
  ]);
}

/** The instant of the last event, epoch ms; 0 for an empty database. */
export async function newestInstant(deps: Pick<Deps, 'sql'>): Promise<number> {
  const [row] = await deps.sql.read('SELECT at FROM events ORDER BY seq DESC LIMIT 1');
  return Number(row?.at ?? 0);
}
