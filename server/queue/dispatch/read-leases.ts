import type { Lease } from '../../../protocol/shapes/agent.ts';
import type { Deps } from '../store/deps.ts';
import { jobJson, readList, toJobRow } from '../store/read-rows.ts';
import { toInstant, toJob } from '../store/to-wire.ts';

const leasesSql = `SELECT json_group_array(json_array(l.device_id, l.id, l.org_id, g.app_version_id, g.target, r.settings ->> 'source', 
    l.install = 1 AND l.installed_at IS NULL, l.expires_at)) AS list
  FROM json_each(?) i CROSS JOIN leases l ON l.id = i.value ->> 0 AND l.device_id = i.value ->> 1 AND l.state = 'active'
    CROSS JOIN groups g ON g.id = l.group_id CROSS JOIN runs r ON r.id = l.run_id`;

type LeaseRow = [
  deviceId: string,
  id: string,
  orgId: string,
  app: string,
  target: string,
  source: string | null,
  install: number,
  expiresAt: number,
];

/** SEARCH j USING INDEX jobs_lease (lease_id=?) */
const jobsSql = `SELECT json_group_array(${jobJson('j')}) AS list FROM json_each(?) i CROSS JOIN jobs j ON j.lease_id = i.value ->> 0
  WHERE j.device_id = i.value ->> 1`;

/** A lease that a device has asked for: another device's of the same id is not it. */
export interface LeaseOfDevice {
  readonly leaseId: string;
  readonly deviceId: string;
}

/** The live ones of these leases as their agents see them, by device; the longest predicted job first. */
export async function readLeases(deps: Deps, asked: readonly LeaseOfDevice[]): Promise<Map<string, Lease>> {
  if (asked.length === 0) return new Map();
  const json = JSON.stringify(asked.map(({ leaseId, deviceId }) => [leaseId, deviceId]));
  const jobRows = (await readList<unknown[]>(deps, jobsSql, [json])).map(toJobRow);
  jobRows.sort((a, b) => b.estimateMs - a.estimateMs || a.seq - b.seq);
  const byLease = Map.groupBy(jobRows, (row) => row.leaseId);
  const leases = await readList<LeaseRow>(deps, leasesSql, [json]);
  return new Map(
    leases.map(([deviceId, id, orgId, app, target, source, install, expiresAt]) => {
      const rows = byLease.get(id) ?? [];
      const lease: Lease = {
        lease_id: id,
        org_id: orgId,
        app_version_id: app,
        target,
        framework: (rows[0]?.framework || null) as Lease['framework'],
        ...(source && { source: JSON.parse(source) }),
        install: install === 1,
        expires_at: toInstant(expiresAt),
        jobs: rows.map((job) => ({
          ...toJob(job),
          next_attempt: job.attempt + 1,
          timeout_ms: job.timeoutMs,
        })),
      };
      return [deviceId, lease];
    }),
  );
}
