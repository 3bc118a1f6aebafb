import type { Lease } from '../../../protocol/shapes/agent.ts';
import type { Statement } from '../../db/statement.ts';
import { deviceMay } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';
import { orgMayBeside } from './org-may.ts';
import type { PlannedLease } from './plan-leases.ts';
import { readLeases } from './read-leases.ts';

const leasesSql = `INSERT INTO leases (id, org_id, agent_id, boot_id, device_id, group_id, run_id, install, created_at, expires_at)
  SELECT i.value ->> 0, b.org_id, a.id, a.boot_id, d.id, b.group_id, b.run_id, d.installed_group_id IS NOT b.group_id, ?2, ?3
  FROM json_each(?1) i CROSS JOIN devices d ON d.id = i.value ->> 2
    CROSS JOIN agents a ON a.id = d.agent_id AND a.boot_id = i.value ->> 1
    CROSS JOIN batches b ON b.id = i.value ->> 3 AND b.pool_id = d.pool_id CROSS JOIN orgs o ON o.id = b.org_id
  WHERE ${deviceMay('?2')}
    AND ${orgMayBeside('i.value ->> 4')}
  ON CONFLICT DO NOTHING`;

/** SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?). The rev of each is above all that were given. */
const jobsSql = `UPDATE jobs SET status = 'scheduled', lease_id = l.id, agent_id = l.agent_id, device_id = l.device_id,
    changed_at = ?2, rev = (SELECT coalesce(max(seq), 0) FROM events) + 1 + i.key
  FROM json_each(?1) i CROSS JOIN leases l
    ON l.id = i.value ->> 1 AND l.device_id = i.value ->> 3 AND l.state = 'active' AND l.n_jobs IS NULL
  WHERE jobs.seq = i.value ->> 0 AND jobs.status = 'queued' AND jobs.group_id = l.group_id
    AND (jobs.avoid_device IS NOT l.device_id OR jobs.avoid_until <= ?2 OR i.value ->> 2)`;

const sizesSql = `UPDATE leases SET n_jobs = (SELECT count(*) FROM jobs WHERE lease_id = leases.id)
  WHERE n_jobs IS NULL AND id IN (SELECT value ->> 0 FROM json_each(?))`;

// The device counts as a holder of the group from now on, so that a second one is not sent to install it too.
const devicesSql = `UPDATE devices SET pinned = i.value ->> 5,
    installed_group_id = (SELECT group_id FROM leases WHERE id = i.value ->> 0)
  FROM json_each(?) i WHERE devices.id = i.value ->> 2
    AND EXISTS (SELECT 1 FROM leases WHERE id = i.value ->> 0 AND device_id = devices.id AND state = 'active')`;

/**
 * Takes what was planned, in one write. Each statement is guarded, so that a lost race takes nothing and a replay takes
 * nothing twice: a lease is made only where the device is free and the org may; jobs join only a lease that this same
 * write has made; a lease that got none is gone.
 */
function takeStatements(deps: Deps, planned: readonly PlannedLease[]): Statement[] {
  const now = deps.now();
  const before = new Map<string, number>();
  const leases = planned.map(({ requester, batchId, orgId, pin }) => {
    const n = before.get(orgId) ?? 0;
    before.set(orgId, n + 1);
    return [requester.leaseId, requester.bootId, requester.deviceId, batchId, n, pin ? 1 : 0];
  });
  const jobs = planned.flatMap(({ requester, jobs, isOnlyDevice }) =>
    jobs.map((job) => [job.seq, requester.leaseId, isOnlyDevice ? 1 : 0, requester.deviceId]),
  );
  const made = JSON.stringify(leases);
  return [
    { sql: leasesSql, args: [made, now, now + deps.settings.leaseTtlMs] },
    { sql: jobsSql, args: [JSON.stringify(jobs), now] },
    { sql: sizesSql, args: [made] },
    {
      sql: 'DELETE FROM leases WHERE n_jobs = 0 AND id IN (SELECT value ->> 0 FROM json_each(?))',
      args: [made],
    },
    { sql: devicesSql, args: [made] },
  ];
}

/** Takes what was planned; answers the leases that were made, by device. */
export async function takeJobs(deps: Deps, planned: readonly PlannedLease[]): Promise<Map<string, Lease>> {
  if (planned.length === 0) return new Map();
  await deps.sql.write(takeStatements(deps, planned));
  return readLeases(
    deps,
    planned.map(({ requester }) => requester),
  );
}
