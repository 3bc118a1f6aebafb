import type { TakeLease } from '../../protocol/shapes/agent.ts';
import type { Statement } from '../db/gate.ts';
import { type Choice, mayHave } from './choose-batch.ts';
import type { Deps } from './deps.ts';
import { orgMay } from './org-may.ts';
import type { DeviceRow } from './rows.ts';

const isOpen = `EXISTS (SELECT 1 FROM leases WHERE id = ?5 AND state = 'active' AND n_jobs IS NULL)`;

/**
 * Takes what was chosen, in one write. Each statement is guarded, so that a lost race takes nothing and a replay takes
 * nothing twice: the lease is made only where the batch still holds a job for the device, the org may lease and the
 * device is free; jobs join only a lease that this same write has made.
 */
export function takeStatements(deps: Deps, input: TakeLease, device: DeviceRow, choice: Choice): Statement[] {
  const now = deps.now();
  const asker = [device.id, now, now - deps.settings.leaseTtlMs, device.poolId];
  return [
    {
      sql: `INSERT INTO leases (id, org_id, agent_id, boot_id, device_id, group_id, run_id, install, created_at, expires_at)
            SELECT ?5, b.org_id, a.id, ?6, ?1, b.group_id, b.run_id, d.installed_group_id IS NOT b.group_id, ?2, ?7
            FROM batches b CROSS JOIN orgs o ON o.id = b.org_id
              CROSS JOIN devices d ON d.id = ?1 CROSS JOIN agents a ON a.id = d.agent_id AND a.boot_id = ?6
            WHERE d.listed = 1 AND d.paused_at IS NULL AND coalesce(d.quarantined_until, 0) <= ?2 AND a.drain = 0
              AND b.id = ?8 AND b.pool_id = d.pool_id AND ${orgMay}
              AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued' AND ${mayHave})
            ON CONFLICT DO NOTHING`,
      args: [
        ...asker,
        input.lease_id,
        input.boot_id,
        now + deps.settings.leaseTtlMs,
        choice.batchIds[0] ?? null,
      ],
    },
    ...choice.batchIds.map((batchId) => ({
      sql: scheduleSql,
      args: [...asker, input.lease_id, device.agentId, batchId, choice.size],
    })),
    {
      sql: `UPDATE leases SET n_jobs = (SELECT count(*) FROM jobs WHERE lease_id = ?1) WHERE id = ?1 AND n_jobs IS NULL`,
      args: [input.lease_id],
    },
    { sql: 'DELETE FROM leases WHERE id = ? AND n_jobs = 0', args: [input.lease_id] },
    {
      // The device counts as a holder of the group from now on, so that a second one is not sent to install it too.
      sql: `UPDATE devices SET installed_group_id = (SELECT group_id FROM leases WHERE id = ?1), pinned = ?3
            WHERE id = ?2 AND EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND device_id = ?2)`,
      args: [input.lease_id, device.id, choice.pin ? 1 : 0],
    },
  ];
}

/** SEARCH j USING INDEX jobs_batch (batch_id=?), in the order of the index: the longest predicted first. */
export const scheduleSql = `UPDATE jobs SET status = 'scheduled', lease_id = ?5, agent_id = ?6, device_id = ?1, changed_at = ?2
  WHERE ${isOpen} AND seq IN (
    SELECT j.seq FROM jobs j WHERE j.batch_id = ?7 AND j.status = 'queued' AND ${mayHave}
    ORDER BY j.estimate_ms DESC LIMIT max(0, ?8 - (SELECT count(*) FROM jobs WHERE lease_id = ?5)))`;
