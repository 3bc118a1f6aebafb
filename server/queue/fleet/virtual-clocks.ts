import type { Row } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';
import { advance, type VirtualClock } from '../../scheduling/virtual-time.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { isOnline } from './device-may.ts';

export interface PoolKey {
  /** An org, or '' for the shared pool. */
  readonly owner: string;
  readonly target: string;
}

/** The virtual clock of a pool at this instant. */
export interface PoolClock extends PoolKey {
  /** Undefined for a pool that the next write will make. */
  readonly poolId: number | undefined;
  readonly clock: VirtualClock;
  /** The instant of the stored clock from which it was computed. */
  readonly writtenAt: number;
  /** How many batches it has passed since then. */
  readonly passed: number;
}

const batchesPerRead = 64;
// A clock that is far behind catches up over several calls, so that none of them stops the server for long.
const readsPerCall = 16;

/** The columns of a pool `p` that `advanceClock` needs. SEARCH b USING COVERING INDEX batches_virtual (pool_id=?) */
const clockColumns = `p.id AS pool_id, p.v, p.v_at, p.virtual_weight,
  (SELECT b.tag FROM batches b WHERE b.pool_id = p.id AND b.virtual = 1 ORDER BY b.tag LIMIT 1) AS next_tag`;

/**
 * SEARCH batches USING INDEX batches_virtual (pool_id=? AND tag>?). By tag and id, since batches that came together
 * may have equal tags.
 */
export const virtualSql = `SELECT id, tag, weight FROM batches WHERE pool_id = ?1 AND virtual = 1 AND (tag, id) > (?2, ?3)
  ORDER BY tag, id LIMIT ${batchesPerRead}`;

const clocksSql = `SELECT i.value ->> 0 AS owner, i.value ->> 1 AS target, ${clockColumns},
    (SELECT count(*) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
      WHERE d.pool_id = p.id AND ${isOnline('?2')}) AS devices
  FROM json_each(?1) i LEFT JOIN pools p ON p.owner = i.value ->> 0 AND p.target = i.value ->> 1
  ORDER BY i.key`;

/** The clocks of these pools now, in their order; the clock of a pool without a row begins at 0. Reads only. */
export async function readClocks(deps: Deps, keys: readonly PoolKey[]): Promise<PoolClock[]> {
  if (keys.length === 0) return [];
  const json = JSON.stringify(keys.map(({ owner, target }) => [owner, target]));
  const rows = await deps.sql.read(clocksSql, [json, onlineSince(deps)]);
  const clocks: PoolClock[] = [];
  for (const row of rows) clocks.push(await advanceClock(deps, row, Number(row.devices)));
  return clocks;
}

const poolSql = `SELECT p.owner, p.target, ${clockColumns}, p.queued_weight FROM pools p WHERE p.id = ?`;

/** The virtual time of a pool now, ms, and the weight of its queued batches; `devices` of it are online. */
export async function readPool(
  deps: Deps,
  poolId: number,
  devices: number | Promise<number>,
): Promise<{ v: number; weight: number }> {
  const [[row], online] = await Promise.all([deps.sql.read(poolSql, [poolId]), devices]);
  if (!row) return { v: 0, weight: 0 };
  const clock = await advanceClock(deps, row, online);
  // Else every choice would pass the same batches again until the next submit. Not awaited: a lost write does no harm.
  if (clock.passed >= batchesPerRead) void deps.sql.write(writeClocks([clock])).catch(() => undefined);
  return { v: clock.clock.v, weight: Number(row.queued_weight) };
}

/** The clock of a pool now, from a row with `owner`, `target` and the columns above; `online` devices serve it. */
async function advanceClock(deps: Deps, row: Row, online: number): Promise<PoolClock> {
  const written = {
    v: Number(row.v ?? 0),
    at: Number(row.v_at ?? 0),
    weight: Number(row.virtual_weight ?? 0),
  };
  const poolId = row.pool_id === null ? undefined : Number(row.pool_id);
  const devices = Math.max(1, online);
  const next = row.next_tag === null ? [] : [{ tag: Number(row.next_tag), weight: 0 }];
  // Mostly it has passed no batch, and nothing more is to be read.
  const early = advance(written, deps.now(), devices, next, next.length > 0);
  const isNow = poolId === undefined || early.at >= deps.now();
  const { clock, passed } = isNow
    ? { clock: early, passed: 0 }
    : await passBatches(deps, poolId, written, devices);
  const key = { owner: String(row.owner), target: String(row.target) };
  return { ...key, poolId, clock, writtenAt: written.at, passed };
}

/** The clock, moved past the batches that have left until now, but past a limited number of them. */
async function passBatches(deps: Deps, poolId: number, written: VirtualClock, devices: number) {
  let clock = written;
  let passed = 0;
  let last = { tag: -1, id: 0 };
  for (let n = 0; n < readsPerCall; n += 1) {
    const rows = await deps.sql.read(virtualSql, [poolId, last.tag, last.id]);
    const batches = rows.map((row) => ({
      id: Number(row.id),
      tag: Number(row.tag),
      weight: Number(row.weight),
    }));
    const isFull = rows.length === batchesPerRead;
    clock = advance(clock, deps.now(), devices, batches, isFull);
    passed += batches.filter((batch) => batch.tag <= clock.v).length;
    last = batches.at(-1) ?? last;
    if (!isFull || clock.at >= deps.now()) break;
  }
  return { clock, passed };
}

/**
 * Writes clocks, and takes the batches that they have passed out of the pool's virtual weight (a trigger does that).
 * Of two clocks that were computed from the same stored one the first is written; the other is nearly equal.
 */
export function writeClocks(clocks: readonly PoolClock[]): Statement[] {
  if (clocks.length === 0) return [];
  const values = clocks.map(({ owner, target, clock, writtenAt }) => [
    owner,
    target,
    clock.v,
    Math.floor(clock.at),
    writtenAt,
  ]);
  return [
    {
      sql: `UPDATE pools SET v = i.value ->> 2, v_at = i.value ->> 3 FROM json_each(?) i
            WHERE pools.owner = i.value ->> 0 AND pools.target = i.value ->> 1 AND pools.v_at = i.value ->> 4`,
      args: [JSON.stringify(values)],
    },
    ...clocks.flatMap(({ poolId, passed }) =>
      poolId === undefined || passed === 0 ? [] : [{ sql: passSql, args: [poolId] }],
    ),
  ];
}

/** SEARCH batches USING INDEX batches_virtual (pool_id=? AND tag<?) */
export const passSql = `UPDATE batches SET virtual = 0
  WHERE pool_id = ?1 AND virtual = 1 AND tag <= (SELECT v FROM pools WHERE id = ?1)`;
