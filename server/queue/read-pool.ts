import type { Deps } from './deps.ts';
import { batchesPerRead, clockColumns, tellClock, writeClocks } from './virtual-clocks.ts';

const poolSql = `SELECT p.owner, p.target, ${clockColumns}, p.queued_weight FROM pools p WHERE p.id = ?`;

/** The virtual clock of a pool now, ms, and the weight of what is queued in it; `devices` of it are online. */
export async function readPool(
  deps: Deps,
  poolId: number,
  devices: number,
): Promise<{ v: number; weight: number }> {
  const [row] = await deps.gate.read(poolSql, [poolId]);
  if (!row) return { v: 0, weight: 0 };
  const told = await tellClock(deps, row, devices);
  // Or every choice would pass the same batches again until the next submit. Not waited for: it only steers.
  if (told.passed >= batchesPerRead) void deps.gate.write(writeClocks([told])).catch(() => undefined);
  return { v: told.clock.v, weight: Number(row.queued_weight) };
}
