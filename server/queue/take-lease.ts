import { eq } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import type { Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { leases } from '../db/schema.ts';
import { chooseBatch } from './choose-batch.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, findAgentOfDevice } from './find-agent.ts';
import { readLease } from './read-lease.ts';
import type { DeviceRow } from './rows.ts';
import { takeStatements } from './take-sql.ts';

// A batch that proved to hold nothing (another server was quicker) is left out of the next choice.
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
  // In turn within a pool: devices that asked at once would all choose by the same picture of who holds what.
  return deps.turns.run(device.poolId, async () =>
    chooseAndTake(deps, input, await rememberInstalled(deps, device, input)),
  );
}

async function chooseAndTake(deps: Deps, input: TakeLease, device: DeviceRow): Promise<Lease | undefined> {
  const without: number[] = [];
  for (let n = 0; n < triesPerCall; n += 1) {
    const choice = await chooseBatch(deps, device, without);
    if (!choice) return undefined;
    await deps.gate.write(takeStatements(deps, input, device, choice));
    const lease = await readLease(deps, input.lease_id);
    if (lease) return lease;
    without.push(...choice.batchIds.slice(0, 1));
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
