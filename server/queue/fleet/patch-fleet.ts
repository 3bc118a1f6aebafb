import { QgjobError } from '../../../protocol/errors.ts';
import type { Agent, Device, PatchAgent, PatchDevice } from '../../../protocol/shapes/fleet.ts';
import { eq } from '../../db/drizzle.ts';
import { agents, devices } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { checkOwner, type Viewer } from '../store/viewer.ts';
import { readAgent, readDevice } from './list-fleet.ts';

/**
 * Drains an agent or ends its drain, and pauses or resumes all its devices. The agent learns of a drain, and of its
 * end, by its heartbeat; while it drains it takes no lease, and it gives back jobs that have not started. A paused
 * device gets no new lease; the lease that it has goes on. The same patch again changes nothing. Errors: `not_found`,
 * `forbidden` for a shared agent.
 */
export async function patchAgent(
  deps: Deps,
  agentId: string,
  { drain, paused }: PatchAgent,
  viewer: Viewer,
): Promise<Agent> {
  const [agent] = await deps.db.select().from(agents).where(eq(agents.id, agentId));
  if (!agent) throw new QgjobError('not_found', `no agent ${agentId}`);
  checkOwner(agent.owner, viewer, `agent ${agentId}`);
  const now = deps.now();
  await deps.sql.write([
    ...(drain === undefined ? [] : switchDrain(agentId, drain, now)),
    ...(paused === undefined ? [] : [switchDevices('agent_id', agentId, paused, now)]),
    poolChanged('SELECT pool_id FROM devices WHERE agent_id = ?1 AND listed = 1', agentId, now),
  ]);
  return readAgent(deps, agentId);
}

/**
 * Pauses or resumes a device, which also ends what it is blamed for: a paused one gets no new lease; the lease that it has goes on. The same patch again
 * changes nothing. Errors: `not_found`, `forbidden` for a shared device.
 */
export async function patchDevice(
  deps: Deps,
  deviceId: string,
  { paused }: PatchDevice,
  viewer: Viewer,
): Promise<Device> {
  const [device] = await deps.db.select().from(devices).where(eq(devices.id, deviceId));
  if (!device) throw new QgjobError('not_found', `no device ${deviceId}`);
  checkOwner(device.owner, viewer, `device ${deviceId}`);
  const now = deps.now();
  await deps.sql.write([
    ...(paused === undefined ? [] : [switchDevices('id', deviceId, paused, now)]),
    poolChanged('SELECT pool_id FROM devices WHERE id = ?1 AND listed = 1', deviceId, now),
  ]);
  return readDevice(deps, deviceId, viewer);
}

/** The event comes first, since it is written only where the update behind it will change something. */
const switchDrain = (agentId: string, drain: boolean, now: number): Statement[] => [
  {
    sql: `INSERT INTO events (at, type, org_id, agent_id)
          SELECT ?3, 'drain', owner, id FROM agents WHERE id = ?1 AND drain <> ?2`,
    args: [agentId, Number(drain), now],
  },
  { sql: 'UPDATE agents SET drain = ?2 WHERE id = ?1 AND drain <> ?2', args: [agentId, Number(drain)] },
];

const switchDevices = (column: 'id' | 'agent_id', id: string, paused: boolean, now: number): Statement => ({
  // Whoever resumes a device has looked at it.
  sql: `UPDATE devices SET paused_at = CASE WHEN ?2 = 1 THEN ?3 END,
          blame = CASE WHEN ?2 = 1 THEN blame END, blame_from = CASE WHEN ?2 = 1 THEN blame_from ELSE ?3 END
        WHERE ${column} = ?1 AND ((paused_at IS NOT NULL) <> ?2 OR (?2 = 0 AND blame IS NOT NULL))`,
  args: [id, Number(paused), now],
});

/**
 * Writes an event for each of these pools that has work, so that their idle devices choose again: who may serve the
 * pool has changed (for example, the device that was to take a job is paused now). `which` is SQL of our own that
 * selects pool ids by `?1`; `?2` is now.
 */
export const poolChanged = (which: string, id: string, now: number): Statement => ({
  sql: `INSERT INTO events (at, type, org_id, pool_id)
        SELECT ?2, 'pool_changed', p.owner, p.id FROM pools p
        WHERE p.id IN (${which}) AND EXISTS (SELECT 1 FROM batches b WHERE b.pool_id = p.id AND b.queued > 0)`,
  args: [id, now],
});
