import type { Statement } from '../../db/statement.ts';
import { deviceMay } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { lentNow, poolsChanged } from '../store/lent-devices.ts';
import { hasEarlierWork, mayLend, orgMayBorrow } from './may-lend.ts';

/** At most so many that wait are looked at in one pass. */
const mostWaiting = 500;

/** Those that wait in the pool ?1, in the order in which they came. SEARCH w USING INDEX borrows_waiting (pool_id=?) */
const waitingSql = `SELECT w.id, w.wanted_device, ${hasEarlierWork('w')} AS is_behind FROM borrows w
  WHERE w.pool_id = ?1 AND w.status = 'waiting' AND ${orgMayBorrow('w')}
  ORDER BY w.requested_at, w.id LIMIT ${mostWaiting}`;

/**
 * The devices of the pool ?1 that can be lent now; first those whose loss costs least: nothing is installed, or nothing that
 * is queued for. SEARCH d USING INDEX devices_pool (pool_id=?)
 */
const freeSql = `SELECT d.id, ${deviceMay('?2')} AS is_fit, CASE WHEN d.installed_group_id IS NULL THEN 0
    WHEN EXISTS (SELECT 1 FROM batches b WHERE b.group_id = d.installed_group_id AND b.queued > 0) THEN 2 ELSE 1 END AS loss
  FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
  WHERE d.pool_id = ?1 AND ${mayLend('?3')} ORDER BY loss, d.pinned, d.id`;

/**
 * Gives free devices of a pool to those who wait for one, in the order in which they came: where no queued job of the pool
 * came before. With `idle` also where some did, but only these devices: a plan had nothing for them. Answers how many it
 * gave. The write checks all of it again, so of a lease and a borrow of one device at the same time one is refused.
 */
export async function grantBorrows(deps: Deps, poolId: number, idle?: readonly string[]): Promise<number> {
  const since = onlineSince(deps);
  const [waiting, free] = await Promise.all([
    deps.sql.read(waitingSql, [poolId]),
    deps.sql.read(freeSql, [poolId, deps.now(), since]),
  ]);
  const left = free.filter(({ id }) => idle === undefined || idle.includes(String(id)));
  const grants: Grant[] = [];
  for (const { id, wanted_device: wanted, is_behind } of waiting) {
    if (is_behind === 1 && idle === undefined) continue;
    const at = left.findIndex((device) => (wanted === null ? device.is_fit === 1 : device.id === wanted));
    const [device] = at < 0 ? [] : left.splice(at, 1);
    if (device) grants.push({ id: String(id), deviceId: String(device.id), isIdle: idle !== undefined });
  }
  return grants.length === 0 ? 0 : writeGrants(deps, grants, since);
}

interface Grant {
  readonly id: string;
  readonly deviceId: string;
  /** It may go before jobs that came earlier. */
  readonly isIdle: boolean;
}

async function writeGrants(deps: Deps, grants: readonly Grant[], since: number): Promise<number> {
  const now = deps.now();
  const ids = grants.map(({ id }) => id);
  const results = await deps.sql.write([
    ...grants.map((grant) => grantOne(grant, now, since)),
    lentNow(ids, now),
    poolsChanged(ids, now),
  ]);
  return results.slice(0, grants.length).filter((rows) => rows.length === 1).length;
}

const grantOne = ({ id, deviceId, isIdle }: Grant, now: number, since: number): Statement => ({
  sql: `UPDATE borrows SET status = 'active', device_id = ?2, granted_at = ?3, until = ?3 + minutes * 60000, watched_until = NULL
        WHERE id = ?1 AND status = 'waiting' AND ${orgMayBorrow('borrows')}
          AND EXISTS (SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
            WHERE d.id = ?2 AND d.pool_id = borrows.pool_id AND ${mayLend('?4')}
              AND coalesce(borrows.wanted_device = d.id, ${deviceMay('?3')}))
          AND (?5 = 1 OR NOT ${hasEarlierWork('borrows')})
        RETURNING id`,
  args: [id, deviceId, now, since, isIdle ? 1 : 0],
});
