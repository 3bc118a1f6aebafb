import type { Row } from '@libsql/client';
import { believedSetupMs } from '../../scheduling/virtual-time.ts';
import { deviceMay, readPool } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { liveLeases } from '../store/org-may.ts';
import { listOf, readList } from '../store/rows.ts';
import { groupWorkMs, isGuessed } from './guesses.ts';
import { findBehind, hasBehind, isNear, type Order, orgMay } from './open-batches.ts';

/** A pool as the choice sees it: its devices, and the groups that a device may be given. Times in ms. */
export interface PoolSnapshot {
  readonly poolId: number;
  readonly now: number;
  /** Virtual time. */
  readonly v: number;
  /** Sum of the weights of the batches with queued jobs. */
  readonly weight: number;
  /** The devices that are online, by id. */
  readonly devices: ReadonlyMap<string, PoolDevice>;
  /** The groups that devices of the pool hold (have installed), each by its batch of the lowest tag. */
  readonly heldGroups: readonly QueuedGroup[];
  /**
   * Batches of groups that no device holds: the first by tag, lowest first; and the overdue ones, earliest due first.
   */
  readonly freeGroups: readonly QueuedGroup[];
  readonly dueGroups: readonly QueuedGroup[];
  /** There may be more such batches than these. */
  readonly isCut: boolean;
}

export interface PoolDevice {
  readonly groupId: number | null;
  readonly isPinned: boolean;
  /** `deviceMay`. */
  readonly isFit: boolean;
}

/** A group with queued jobs, and one of its batches. */
export interface QueuedGroup {
  readonly batchId: number;
  readonly groupId: number;
  readonly orgId: string;
  readonly tag: number;
  readonly dueAt: number;
  readonly weight: number;
  /** Of all batches of the group that have queued jobs. */
  readonly groupWeight: number;
  /** Queued jobs of the group, and their predicted work. */
  readonly jobs: number;
  readonly workMs: number;
  readonly setupMs: number;
  /** Nothing is known of how long its tests take. */
  readonly isGuessed: boolean;
  /** The device that every queued job of the batch avoids. */
  readonly avoids: string | null;
  /** How many more leases the org may have; null without a cap. */
  readonly leasesLeft: number | null;
}

const devicesSql = listOf(
  `json_array(d.id, d.installed_group_id, d.pinned,
    ${deviceMay('?2')})`,
  `FROM devices d CROSS JOIN agents a ON a.id = d.agent_id AND a.last_seen_at >= ?3
  WHERE d.pool_id = ?1 AND d.listed = 1`,
);

const hasJob = `EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued')`;
const isOpen = `b.pool_id = ?1 AND b.queued > 0 AND ${orgMay} AND ${hasJob}`;

const groupJson = `json_object('batchId', b.id, 'groupId', b.group_id, 'orgId', b.org_id, 'tag', b.tag, 'dueAt', b.due_at,
    'weight', b.weight, 'groupWeight', max(g.queued_weight, b.weight), 'jobs', g.queued, 'workMs', ${groupWorkMs},
    'setupMs', g.setup_ms, 'guessed', ${isGuessed}, 'avoids',
    (SELECT CASE WHEN first.avoid_until > ?2 AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued'
        AND (j.avoid_device IS NOT first.avoid_device OR j.avoid_until <= ?2)) THEN first.avoid_device END
      FROM jobs first WHERE first.batch_id = b.id AND first.status = 'queued' ORDER BY first.sort_key LIMIT 1),
    'leasesLeft', o.max_leases - ${liveLeases}) AS queued_group`;

const from = 'FROM batches b CROSS JOIN groups g ON g.id = b.group_id CROSS JOIN orgs o ON o.id = b.org_id';

/** One look-up for each group that a device of the pool holds: at most as many as there are devices. */
const heldSql = `SELECT ${groupJson}
  FROM (SELECT DISTINCT installed_group_id AS group_id FROM devices WHERE pool_id = ?1 AND installed_group_id IS NOT NULL) f
    CROSS JOIN batches b ON b.id = (SELECT b.id FROM batches b
      WHERE b.group_id = f.group_id AND b.pool_id = ?1 AND b.queued > 0 AND ${hasJob} ORDER BY b.tag LIMIT 1)
    CROSS JOIN groups g ON g.id = b.group_id CROSS JOIN orgs o ON o.id = b.org_id
  WHERE ${orgMay}`;

/** SEARCH b USING INDEX batches_cold (pool_id=?): the lowest tags of groups that no device holds. */
const freeSql = `SELECT ${groupJson} ${from} WHERE b.held = 0 AND ${isOpen} AND ${isNear('tag')} ORDER BY b.tag LIMIT ?3`;

/** SEARCH b USING INDEX batches_due (pool_id=? AND due_at<?): the earliest due of groups that no device holds. */
const dueSql = `SELECT ${groupJson} ${from} WHERE b.held = 0 AND ${isOpen} AND ${isNear('due_at', '?2')}
  ORDER BY b.due_at LIMIT ?3`;

/** SEARCH b USING INTEGER PRIMARY KEY (rowid=?): the batches that `findBehind` has found. */
const behindSql = `SELECT ${groupJson} FROM json_each(?3) i CROSS JOIN batches b ON b.id = i.value
    CROSS JOIN groups g ON g.id = b.group_id CROSS JOIN orgs o ON o.id = b.org_id
  WHERE ${isOpen}`;

/** At most `most` open batches of groups that no device holds, also those behind batches of orgs that may not lease. */
async function readFree(deps: Deps, order: Order, args: [poolId: number, now: number, most: number]) {
  const [poolId, now, most] = args;
  const [near, isMore] = await Promise.all([
    deps.sql.read(order === 'tag' ? freeSql : dueSql, args),
    hasBehind(deps, poolId, order, order === 'tag' ? undefined : now),
  ]);
  const ids = isMore && near.length < most ? await findBehind(deps, poolId, order, most) : [];
  const rows = ids.length === 0 ? near : await deps.sql.read(behindSql, [poolId, now, JSON.stringify(ids)]);
  const groups = rows
    .map(toQueuedGroup)
    .sort((a, b) => (order === 'tag' ? a.tag - b.tag : a.dueAt - b.dueAt));
  return { groups, isCut: near.length === most || ids.length > 0 };
}

/**
 * The pool now, with at most `most` of the batches that no device holds. Undefined where no job is queued. Reads
 * only.
 */
export async function readPoolSnapshot(
  deps: Deps,
  poolId: number,
  most: number,
): Promise<PoolSnapshot | undefined> {
  const now = deps.now();
  const readRest = async () => {
    const devices = readDevices(deps, poolId, now);
    return Promise.all([
      readFree(deps, 'due_at', [poolId, now, most]),
      devices,
      readPool(
        deps,
        poolId,
        devices.then(({ size }) => size),
      ),
    ]);
  };
  const readGroups = () =>
    Promise.all([
      deps.sql.read(heldSql, [poolId, now]).then((rows) => rows.map(toQueuedGroup)),
      readFree(deps, 'tag', [poolId, now, most]),
    ]);
  // From a server all comes by one round trip; from a file the rest is read only where there is work.
  const [groups, early] = await Promise.all([readGroups(), deps.sql.isRemote ? readRest() : undefined]);
  const [heldGroups, free] = groups;
  if (heldGroups.length + free.groups.length === 0) return undefined;
  const [due, devices, pool] = early ?? (await readRest());
  const { isCut } = free;
  return { poolId, now, ...pool, devices, heldGroups, freeGroups: free.groups, dueGroups: due.groups, isCut };
}

type DeviceItem = [id: string, groupId: number | null, pinned: number, fit: number];

async function readDevices(deps: Deps, poolId: number, now: number): Promise<Map<string, PoolDevice>> {
  const rows = await readList<DeviceItem>(deps, devicesSql, [poolId, now, onlineSince(deps)]);
  return new Map(
    rows.map(([id, groupId, pinned, fit]) => [id, { groupId, isPinned: pinned === 1, isFit: fit === 1 }]),
  );
}

function toQueuedGroup(row: Row): QueuedGroup {
  const { guessed, ...one } = JSON.parse(String(row.queued_group));
  const isGuessed = guessed === 1;
  return { ...one, setupMs: believedSetupMs(one.setupMs, isGuessed), isGuessed };
}
