import type { PoolView } from '../policy/choose.ts';
import { advance, type VirtualBatch, type VirtualClock } from '../policy/virtual-time.ts';
import type { Deps } from './deps.ts';
import type { DeviceRow } from './rows.ts';

const batchesPerRead = 64;

/** SEARCH batches USING INDEX batches_virtual (pool_id=? AND tag>?) */
export const virtualSql = `SELECT tag, weight FROM batches WHERE pool_id = ?1 AND virtual = 1 AND tag > ?2
  ORDER BY tag LIMIT ${batchesPerRead}`;

/** The pool of a device that asks, as it is now. */
export async function readPool(deps: Deps, device: DeviceRow): Promise<PoolView> {
  const since = deps.now() - deps.settings.leaseTtlMs;
  const [row] = await deps.gate.read(
    `SELECT p.v, p.v_at, p.virtual_weight, p.queued_weight, count(d.id) AS devices,
       coalesce(sum(d.pinned AND d.id <> ?2 AND d.paused_at IS NULL AND a.drain = 0
         AND coalesce(d.quarantined_until, 0) <= ?4), 0) AS pinned
     FROM pools p CROSS JOIN devices d ON d.pool_id = p.id AND d.listed = 1
       CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ?3
     WHERE p.id = ?1`,
    [device.poolId, device.id, since, deps.now()],
  );
  const devices = Math.max(1, Number(row?.devices ?? 0));
  const clock = {
    v: Number(row?.v ?? 0),
    at: Number(row?.v_at ?? 0),
    weight: Number(row?.virtual_weight ?? 0),
  };
  const { v } = await readClock(deps, device.poolId, clock, devices);
  return { devices, pinned: Number(row?.pinned ?? 0), v, weight: Number(row?.queued_weight ?? 0) };
}

/** The virtual clock of a pool now, from its last written state and the batches that it has passed since. */
export async function readClock(
  deps: Deps,
  poolId: number,
  written: VirtualClock,
  devices: number,
): Promise<VirtualClock> {
  let clock = written;
  for (let seen = -1; ; ) {
    const rows = await deps.gate.read(virtualSql, [poolId, seen]);
    const batches: VirtualBatch[] = rows.map((row) => ({ tag: Number(row.tag), weight: Number(row.weight) }));
    clock = advance(clock, deps.now(), devices, batches, rows.length === batchesPerRead);
    seen = batches.at(-1)?.tag ?? seen;
    if (rows.length < batchesPerRead || clock.at >= deps.now()) return clock;
  }
}
