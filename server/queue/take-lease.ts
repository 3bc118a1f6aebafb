import { eq } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import type { Statement } from '../db/gate.ts';
import { leases } from '../db/schema.ts';
import { type Choice, chooseJobs } from './choose-jobs.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, findAgentOfDevice } from './find-agent.ts';
import { readLease } from './read-lease.ts';
import type { DeviceRow } from './rows.ts';

// A choice that another device was quicker to take is made again without that batch.
const triesPerCall = 4;

/**
 * Leases a few queued jobs of one group to a free device under the id that its agent chose. The same id again answers
 * the same lease while it lives. Undefined when there is nothing for the device.
 * Errors: `not_found` (device, foreign lease), `replaced`, `lease_lost` (the id's lease has ended), `conflict` with
 * `details.lease_id` (the device has a live lease of another id).
 */
export async function takeLease(
  deps: Deps,
  caller: AgentCaller,
  input: TakeLease,
): Promise<Lease | undefined> {
  const { agent, device } = await findAgentOfDevice(deps, caller, input.device_id, input.boot_id);
  const known = await replayOrRefuse(deps, input, device);
  if (known) return known;
  if (agent.drain === 1 || isUnavailable(device, deps.now())) return undefined;
  const current = await rememberInstalled(deps, device, input);
  const without: number[] = [];
  for (let n = 0; n < triesPerCall; n += 1) {
    const choice = await chooseJobs(deps, current, without);
    if (!choice) return undefined;
    if (choice.jobIds.length > 0) {
      await deps.gate.write(takeStatements(deps, input, current, choice));
      const lease = await readLease(deps, input.lease_id);
      if (lease) return lease;
    }
    without.push(choice.batchId);
  }
  return undefined;
}

async function replayOrRefuse(deps: Deps, input: TakeLease, device: DeviceRow): Promise<Lease | undefined> {
  const [same] = await deps.db.select().from(leases).where(eq(leases.id, input.lease_id));
  if (same && same.deviceId !== device.id) throw new QgjobError('not_found', `no lease ${input.lease_id}`);
  if (same && same.state !== 'active') {
    throw new QgjobError('lease_lost', `lease ${input.lease_id} has ended; ask again under a new id`);
  }
  if (same) return readLease(deps, input.lease_id);
  const live = await deps.gate.read(`SELECT id FROM leases WHERE device_id = ? AND state = 'active'`, [
    device.id,
  ]);
  if (live[0]) {
    throw new QgjobError('conflict', `the device has a live lease, ${live[0].id}`, {
      details: { lease_id: live[0].id },
    });
  }
  return undefined;
}

const isUnavailable = (device: DeviceRow, now: number): boolean =>
  device.listed === 0 || device.pausedAt !== null || (device.quarantinedUntil ?? 0) > now;

/** Takes the agent's word for what is installed; absent means as the server knows it. */
async function rememberInstalled(deps: Deps, device: DeviceRow, input: TakeLease): Promise<DeviceRow> {
  if (input.installed === undefined) return device;
  const { org_id = '', app_version_id = '' } = input.installed ?? {};
  const [row] = await deps.gate.read(
    'SELECT id FROM groups WHERE org_id = ? AND app_version_id = ? AND target = ?',
    [org_id, app_version_id, device.target],
  );
  const installedGroupId = row ? Number(row.id) : null;
  if (installedGroupId === device.installedGroupId) return device;
  await deps.gate.write([
    { sql: 'UPDATE devices SET installed_group_id = ? WHERE id = ?', args: [installedGroupId, device.id] },
  ]);
  return { ...device, installedGroupId };
}

/** Guarded, so that a lost race takes nothing and a replay takes nothing twice. */
function takeStatements(deps: Deps, input: TakeLease, device: DeviceRow, choice: Choice): Statement[] {
  const now = deps.now();
  const { lease_id: leaseId, boot_id: bootId } = input;
  const ids = JSON.stringify(choice.jobIds);
  return [
    {
      sql: `INSERT INTO leases (id, org_id, agent_id, boot_id, device_id, group_id, run_id, install, created_at, expires_at)
            SELECT ?1, g.org_id, a.id, ?2, d.id, g.id, j.run_id, d.installed_group_id IS NOT g.id, ?3, ?4
            FROM jobs j CROSS JOIN groups g ON g.id = j.group_id CROSS JOIN orgs o ON o.id = g.org_id
              CROSS JOIN devices d ON d.id = ?5 CROSS JOIN agents a ON a.id = d.agent_id AND a.boot_id = ?2
            WHERE j.id IN (SELECT value FROM json_each(?6)) AND j.status = 'queued' AND o.paused_at IS NULL
              AND (o.max_leases IS NULL OR
                (SELECT count(*) FROM leases l WHERE l.org_id = o.id AND l.state = 'active') < o.max_leases)
            LIMIT 1 ON CONFLICT DO NOTHING`,
      args: [leaseId, bootId, now, now + deps.settings.leaseTtlMs, device.id, ids],
    },
    {
      sql: `UPDATE jobs SET status = 'scheduled', lease_id = ?1, agent_id = ?2, device_id = ?3, changed_at = ?4
            WHERE id IN (SELECT value FROM json_each(?5)) AND status = 'queued'
              AND EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND state = 'active' AND n_jobs IS NULL)`,
      args: [leaseId, device.agentId, device.id, now, ids],
    },
    {
      sql: `UPDATE leases SET n_jobs = (SELECT count(*) FROM jobs WHERE lease_id = ?1) WHERE id = ?1 AND n_jobs IS NULL`,
      args: [leaseId],
    },
    { sql: 'DELETE FROM leases WHERE id = ? AND n_jobs = 0', args: [leaseId] },
    {
      // The device counts as a holder of the group from now on, so that a second one is not sent to install it too.
      sql: `UPDATE devices SET installed_group_id = (SELECT group_id FROM leases WHERE id = ?1)
            WHERE id = ?2 AND EXISTS (SELECT 1 FROM leases WHERE id = ?1 AND device_id = ?2)`,
      args: [leaseId, device.id],
    },
  ];
}
