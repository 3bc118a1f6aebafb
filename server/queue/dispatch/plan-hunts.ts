import { deviceMay, poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import type { Requester } from './lease-requests.ts';
import { orgMay } from './open-batches.ts';
import type { PlannedLease } from './plan-leases.ts';

/** At most so many hunts of a pool are looked at. */
const mostHunts = 32;

/**
 * The hunts of the pool ?1 whose orgs may lease, the oldest first, each with its first ?3 queued jobs and the device that each
 * of these avoids. SEARCH b USING INDEX batches_hunted (pool_id=?), SEARCH j USING INDEX jobs_batch (batch_id=?)
 */
const huntsSql = listOf(
  `json_array(id, org_id, group_id, source_hash, (SELECT json_group_array(json_array(seq, avoids)) FROM (
    SELECT j.seq, CASE WHEN j.avoid_until > ?2 THEN j.avoid_device END AS avoids FROM jobs j
    WHERE j.batch_id = h.id AND j.status = 'queued' ORDER BY j.sort_key LIMIT ?3)))`,
  `FROM (SELECT b.id, b.org_id, b.group_id, b.source_hash FROM batches b CROSS JOIN orgs o ON o.id = b.org_id
    WHERE b.pool_id = ?1 AND b.hunted > 0 AND ${orgMay} ORDER BY b.submitted_at LIMIT ${mostHunts}) h`,
);

type HuntItem = [batchId: number, orgId: string, groupId: number, sourceHash: string, jobs: string];

/** SEARCH d USING PRIMARY KEY */
const fitSql = listOf(
  'json_array(d.id, d.installed_group_id)',
  `FROM json_each(?1) i CROSS JOIN devices d ON d.id = i.value CROSS JOIN agents a ON a.id = d.agent_id
  WHERE ${deviceMay('?2')}`,
);

interface OpenHunt {
  readonly batchId: number;
  readonly orgId: string;
  readonly groupId: number;
  readonly sourceHash: string;
  /** The row of each job, and the device that it avoids. */
  readonly jobs: (readonly [seq: number, avoids: string | null])[];
}

/**
 * Plans leases of hunts for devices that have nothing else to do: one job each, so that the device is free again after that
 * test. First the hunts whose app the device has, then the oldest; those that share a pool take turns. Reads only.
 */
export async function planHunts(
  deps: Deps,
  poolId: number,
  requesters: readonly Requester[],
): Promise<PlannedLease[]> {
  const now = deps.now();
  const ids = JSON.stringify(requesters.map((one) => one.deviceId));
  const [hunts, fit] = await Promise.all([
    readList<HuntItem>(deps, huntsSql, [poolId, now, requesters.length + 1]),
    readList<[id: string, groupId: number | null]>(deps, fitSql, [ids, now]),
  ]);
  const open = hunts.map(toHunt);
  const installed = new Map(fit);
  return requesters.flatMap((requester) => {
    if (!installed.has(requester.deviceId)) return [];
    const groupId = installed.get(requester.deviceId) ?? null;
    const next = takeNext(open, requester, groupId);
    return next ? [{ ...next, requester, pin: false, isOnlyDevice: false }] : [];
  });
}

const toHunt = ([batchId, orgId, groupId, sourceHash, jobs]: HuntItem): OpenHunt => ({
  ...{ batchId, orgId, groupId, sourceHash },
  jobs: typeof jobs === 'string' ? JSON.parse(jobs) : jobs,
});

/** Takes a job out of the hunts, and puts its hunt behind the others. */
function takeNext(
  open: OpenHunt[],
  { deviceId, busySources }: Requester,
  installed: number | null,
): Pick<PlannedLease, 'orgId' | 'batchId' | 'jobs'> | undefined {
  const warmFirst = [...open].sort(
    (a, b) => Number(b.groupId === installed) - Number(a.groupId === installed),
  );
  for (const hunt of warmFirst) {
    if (busySources.includes(hunt.sourceHash)) continue;
    const at = hunt.jobs.findIndex(([, avoids]) => avoids !== deviceId);
    const [job] = at < 0 ? [] : hunt.jobs.splice(at, 1);
    if (!job) continue;
    open.push(...open.splice(open.indexOf(hunt), 1));
    return { orgId: hunt.orgId, batchId: hunt.batchId, jobs: [{ seq: job[0] }] };
  }
  return undefined;
}

/** Moves hunts into the pool that serves them now, as `placeBatches` does for all other batches. */
export async function placeHunts(deps: Deps): Promise<void> {
  const pool = poolFor('b.org_id', 'b.target', '?1');
  const since = onlineSince(deps);
  const wrong = await deps.sql.read(
    `SELECT b.id, ${pool} AS pool FROM batches b WHERE b.pool_id > 0 AND b.hunted > 0 AND b.pool_id <> ${pool} LIMIT 500`,
    [since],
  );
  if (wrong.length === 0) return;
  await deps.sql.write([
    {
      sql: 'UPDATE batches SET pool_id = i.value ->> 1 FROM json_each(?) i WHERE batches.id = i.value ->> 0',
      args: [JSON.stringify(wrong.map((row) => [row.id, row.pool]))],
    },
  ]);
}
