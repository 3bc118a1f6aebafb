import type { Row } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';
import { patienceMs, tagOf, unknownSetupMs, weightOf } from '../../scheduling/virtual-time.ts';
import { type PoolClock, type PoolKey, poolFor, readClocks, writeClocks } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { batchesOf, type NewBatch, type Ranked } from './new-batches.ts';
import type { NewRun } from './new-run.ts';

/** What the rank of a new batch depends on. */
interface Place {
  readonly orgWeight: number;
  readonly openRuns: number;
  /** The pool's virtual time now, ms. */
  readonly v: number;
  readonly setupMs: number;
  /** A device of the pool has the group installed. */
  readonly isInstalled: boolean;
}

/**
 * The last measured install of an org on a target (SQL); null without one. What an org installs changes little from one
 * version of its app to the next, and what needs no install does so in each.
 */
export const lastSetup = (orgId: string, target: string): string =>
  `(SELECT s.setup_ms FROM groups s WHERE s.org_id = ${orgId} AND s.target = ${target} AND s.setup_ms IS NOT NULL ORDER BY s.id DESC LIMIT 1)`;

const placesSql = `SELECT o.weight, o.active_runs, coalesce(p.owner, '') AS owner, i.value ->> 2 AS target,
    coalesce(g.setup_ms, ${lastSetup('i.value ->> 0', 'i.value ->> 2')}) AS setup_ms,
    EXISTS (SELECT 1 FROM devices d WHERE d.installed_group_id = g.id AND d.pool_id = p.id) AS held
  FROM json_each(?1) i
    LEFT JOIN orgs o ON o.id = i.value ->> 0
    LEFT JOIN groups g ON g.org_id = i.value ->> 0 AND g.app_version_id = i.value ->> 1 AND g.target = i.value ->> 2
    LEFT JOIN pools p ON p.id = ${poolFor('i.value ->> 0', 'i.value ->> 2', '?2')}
  ORDER BY i.key`;

/**
 * The ranks of new batches, by `rankKey`, and the statements that write the clocks of their pools as they are before.
 */
export interface Ranking {
  readonly ranks: ReadonlyMap<string, Ranked>;
  readonly clocks: Statement[];
}

export const rankKey = (runId: string, target: string): string => `${runId} ${target}`;

/** What the ranks of new batches depend on. */
export interface Places {
  /** A row for each batch. */
  readonly rows: readonly Row[];
  /** By the key of the pool. */
  readonly clocks: ReadonlyMap<string, PoolClock>;
}

/** Reads it, whatever the estimates of the jobs are. With several servers it may be a little old, which does no harm. */
export async function readPlaces(deps: Deps, all: readonly NewRun[]): Promise<Places> {
  const batches = all.flatMap(batchesOf);
  const keys = batches.map(({ run, first }) => [run.orgId, run.appVersionId, first.target]);
  // Both pools that may serve a batch, so that nothing is asked after the answer.
  const near = batches.flatMap(({ run, first: { target } }) => [
    { owner: run.orgId, target },
    { owner: '', target },
  ]);
  const candidates = new Map(near.map((one) => [poolKey(one), one]));
  const [rows, clocks] = await Promise.all([
    deps.sql.read(placesSql, [JSON.stringify(keys), onlineSince(deps)]),
    readClocks(deps, [...candidates.values()]),
  ]);
  const byPool = new Map([...candidates.keys()].map((key, index) => [key, clocks[index]]));
  const used = new Set(rows.map(poolKey));
  return {
    rows,
    clocks: new Map([...byPool].flatMap(([key, clock]) => (clock && used.has(key) ? [[key, clock]] : []))),
  };
}

/**
 * Ranks the batches of new runs, each as if the runs before it were open already: so two submits of one turn share a
 * pool like two submits that come one after the other.
 */
export function rankRuns(all: readonly NewRun[], { rows, clocks }: Places): Ranking {
  const batches = all.flatMap(batchesOf);
  const openRuns = countOpenRuns();
  const ranks = new Map<string, Ranked>();
  for (const [index, batch] of batches.entries()) {
    const row = rows[index];
    if (!row) continue;
    const place = {
      orgWeight: Number(row.weight ?? 1),
      openRuns: openRuns(batch, Number(row.active_runs ?? 0)),
      v: clocks.get(poolKey(row))?.clock.v ?? 0,
      setupMs: Number(row.setup_ms ?? unknownSetupMs),
      isInstalled: row.held === 1,
    };
    ranks.set(rankKey(batch.run.id, batch.first.target), rankOne(batch, place));
  }
  return { ranks, clocks: writeClocks([...clocks.values()]) };
}

const poolKey = ({ owner, target }: Row | PoolKey): string => JSON.stringify([owner, target]);

/** Counts the open runs of a batch's org; its own run and the runs before it in this turn included. */
function countOpenRuns(): (batch: NewBatch, stored: number) => number {
  const seen = new Set<string>();
  const open = new Map<string, number>();
  return ({ run: { id, orgId, huntTimes } }, stored) => {
    const before = open.get(orgId) ?? stored;
    const count = seen.has(id) || huntTimes !== null ? before : before + 1;
    seen.add(id);
    open.set(orgId, count);
    return count;
  };
}

/**
 * The tag of a delayed batch is its distance to the pool's virtual time; a trigger adds that time when its jobs are
 * queued.
 */
function rankOne({ first, ms }: NewBatch, place: Place): Ranked {
  const weight = weightOf(first.priority, place.openRuns, place.orgWeight);
  const setupMs = place.isInstalled ? 0 : place.setupMs;
  const v = first.runAt === null ? place.v : 0;
  return {
    weight,
    tag: tagOf({ v, weight, workMs: ms, setupMs }),
    dueAt: Math.round((first.runAt ?? first.submittedAt) + patienceMs(first.priority)),
  };
}
