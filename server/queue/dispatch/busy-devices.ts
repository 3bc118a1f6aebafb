import { unknownSetupMs } from '../../scheduling/virtual-time.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { jobEstimateMs } from './guesses.ts';

/** The rest of each job's predicted time, ms; a running one has used some of it. */
const workLeft = `(SELECT coalesce(sum(max(0, ${jobEstimateMs} - iif(j.status = 'running', ?2 - j.started_at, 0))), 0)
    FROM jobs j CROSS JOIN batches b ON b.id = j.batch_id CROSS JOIN orgs o ON o.id = b.org_id WHERE j.lease_id = l.id)`;
const installLeft = `iif(l.install = 1 AND l.installed_at IS NULL, max(0, coalesce(g.setup_ms, ?3) - (?2 - l.created_at)), 0)`;

/**
 * SEARCH d USING INDEX devices_pool (pool_id=?), SEARCH l USING INDEX leases_device (device_id=?), SEARCH j USING INDEX
 * jobs_lease (lease_id=?): at most 16 jobs for each device of the pool.
 */
const busySql = listOf(
  `json_array(d.id, ${workLeft} + ${installLeft})`,
  `FROM devices d CROSS JOIN leases l ON l.device_id = d.id AND l.state = 'active' CROSS JOIN groups g ON g.id = l.group_id
  WHERE d.pool_id = ?1`,
);

/** For each device of the pool with a lease, how long it should be busy with it, ms. Reads only. */
export async function readBusyDevices(
  deps: Deps,
  poolId: number,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const list = await readList<[id: string, ms: number]>(deps, busySql, [poolId, now, unknownSetupMs]);
  return new Map(list);
}
