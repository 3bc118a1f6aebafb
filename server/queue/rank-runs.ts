import type { Statement } from '../db/gate.ts';
import { patienceMs, tagOf, unknownSetupMs, weightOf } from '../policy/weigh.ts';
import type { Deps } from './deps.ts';
import { batchesOf, type NewBatch, type NewRun, type Ranked } from './new-batches.ts';
import { readClock } from './read-pool.ts';

/** What the rank of a new batch depends on. */
interface Place {
  readonly poolId: number;
  readonly setupMs: number;
  /** A device of the pool has the group installed. */
  readonly isHeld: boolean;
}

interface PoolState {
  v: number;
  weight: number;
}

const placesSql = `SELECT i.key, o.active_runs, p.id AS pool_id, p.v, p.v_at, p.virtual_weight, g.setup_ms,
    (SELECT count(*) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
      WHERE d.pool_id = p.id AND d.listed = 1 AND a.last_seen_at >= ?2) AS devices,
    EXISTS (SELECT 1 FROM devices d WHERE d.installed_group_id = g.id AND d.pool_id = p.id) AS held
  FROM json_each(?1) i
    LEFT JOIN orgs o ON o.id = i.value ->> 0
    LEFT JOIN groups g ON g.org_id = i.value ->> 0 AND g.app_version_id = i.value ->> 1 AND g.target = i.value ->> 2
    LEFT JOIN pools p ON p.id = coalesce(
      (SELECT own.id FROM pools own CROSS JOIN devices d ON d.pool_id = own.id AND d.listed = 1
         CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ?2
       WHERE own.owner = i.value ->> 0 AND own.target = i.value ->> 2 LIMIT 1),
      (SELECT id FROM pools WHERE owner = '' AND target = i.value ->> 2))
  ORDER BY i.key`;

/** The ranks of new batches, and the virtual clocks of their pools as they are with them. */
export interface Ranking {
  readonly ranks: ReadonlyMap<string, Ranked>;
  readonly clocks: Statement[];
}

export const rankKey = (runId: string, target: string): string => `${runId} ${target}`;

/**
 * Ranks the batches of new runs, each as if those before it were there already: two submits of one turn share a pool as
 * two that come one after the other do. Reads only; between servers the numbers may be old, they only steer.
 */
export async function rankRuns(deps: Deps, all: readonly NewRun[]): Promise<Ranking> {
  const batches = all.flatMap(batchesOf);
  const keys = batches.map(({ run, first }) => [run.orgId, run.appVersionId, first.target]);
  const rows = await deps.gate.read(placesSql, [JSON.stringify(keys), deps.now() - deps.settings.leaseTtlMs]);
  const active = new Map<string, number>();
  const pools = new Map<number, PoolState>();
  const ranks = new Map<string, Ranked>();
  const counted = new Set<string>();
  for (const [index, batch] of batches.entries()) {
    const row = rows[index];
    const { orgId, id } = batch.run;
    if (!counted.has(id)) active.set(orgId, (active.get(orgId) ?? Number(row?.active_runs ?? 0)) + 1);
    counted.add(id);
    const poolId = Number(row?.pool_id ?? 0);
    if (!pools.has(poolId) && row?.pool_id !== null && row) {
      const written = { v: Number(row.v), at: Number(row.v_at), weight: Number(row.virtual_weight) };
      pools.set(poolId, { ...(await readClock(deps, poolId, written, Math.max(1, Number(row.devices)))) });
    }
    const pool = pools.get(poolId) ?? { v: 0, weight: 0 };
    const place = { poolId, setupMs: Number(row?.setup_ms ?? unknownSetupMs), isHeld: row?.held === 1 };
    const rank = rankOne(batch, pool, place, active.get(orgId) ?? 1);
    pool.weight += rank.weight;
    ranks.set(rankKey(id, batch.first.target), rank);
  }
  return { ranks, clocks: writeClocks(pools, deps.now()) };
}

function rankOne({ first, ms }: NewBatch, pool: PoolState, place: Place, activeRuns: number): Ranked {
  const weight = weightOf(first.priority, activeRuns);
  const setupMs = place.isHeld ? 0 : place.setupMs;
  return {
    weight,
    tag: tagOf({ v: pool.v, weight, workMs: ms, setupMs }),
    dueAt: Math.round((first.runAt ?? first.submittedAt) + patienceMs(first.priority)),
  };
}

function writeClocks(pools: ReadonlyMap<number, PoolState>, now: number): Statement[] {
  const known = [...pools].filter(([id]) => id > 0).map(([id, { v, weight }]) => [id, v, weight]);
  if (known.length === 0) return [];
  const json = JSON.stringify(known);
  return [
    {
      sql: `UPDATE pools SET v = i.value ->> 1, v_at = ?2, virtual_weight = i.value ->> 2 FROM json_each(?1) i
            WHERE pools.id = i.value ->> 0`,
      args: [json, now],
    },
    {
      sql: `UPDATE batches SET virtual = 0 FROM json_each(?1) i
            WHERE batches.pool_id = i.value ->> 0 AND virtual = 1 AND tag <= i.value ->> 1`,
      args: [json],
    },
  ];
}
