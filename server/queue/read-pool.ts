import type { PoolView } from '../policy/choose.ts';
import type { Deps } from './deps.ts';
import type { DeviceRow } from './rows.ts';
import { batchesPerRead, clockColumns, tellClock, writeClocks } from './virtual-clocks.ts';

const poolSql = `SELECT p.owner, p.target, ${clockColumns}, p.queued_weight, count(d.id) AS devices,
    coalesce(sum(d.pinned AND d.id <> ?2 AND d.paused_at IS NULL AND a.drain = 0
      AND coalesce(d.quarantined_until, 0) <= ?4), 0) AS pinned
  FROM pools p CROSS JOIN devices d ON d.pool_id = p.id AND d.listed = 1
    CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ?3
  WHERE p.id = ?1 GROUP BY p.id`;

const nobody: PoolView = { devices: 1, pinned: 0, v: 0, weight: 0 };

/** The pool of a device that asks, as it is now. */
export async function readPool(deps: Deps, device: Pick<DeviceRow, 'id' | 'poolId'>): Promise<PoolView> {
  const now = deps.now();
  const since = now - deps.settings.leaseTtlMs;
  const [row] = await deps.gate.read(poolSql, [device.poolId, device.id, since, now]);
  if (!row) return nobody;
  const devices = Math.max(1, Number(row.devices));
  const told = await tellClock(deps, row, devices);
  // Or every choice would pass the same batches again until the next submit. Not waited for: it only steers.
  if (told.passed >= batchesPerRead) void deps.gate.write(writeClocks([told])).catch(() => undefined);
  return {
    devices,
    pinned: Number(row.pinned),
    v: told.clock.v,
    weight: Number(row.queued_weight),
  };
}
