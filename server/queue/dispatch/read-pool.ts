import { batchesPerRead, clockColumns, tellClock, writeClocks } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';

const poolSql = `SELECT p.owner, p.target, ${clockColumns}, p.queued_weight FROM pools p WHERE p.id = ?`;

/** The virtual clock of a pool now, ms, and the weight of what is queued in it; `devices` of it are online. */
export async function readPool(
  deps: Deps,
  poolId: number,
  devices: number,
): Promise<{ v: number; weight: number }> {
  const [row] = await deps.sql.read(poolSql, [poolId]);
  if (!row) return { v: 0, weight: 0 };
  const told = await tellClock(deps, row, devices);
  // Or every choice would pass the same batches again until the next submit. Not waited for: it only steers.
  if (told.passed >= batchesPerRead) void deps.sql.write(writeClocks([told])).catch(() => undefined);
  return { v: told.clock.v, weight: Number(row.queued_weight) };
}
