import { eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Agent, PatchAgent } from '../../../protocol/shapes/fleet.ts';
import { agents } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { checkOwner } from '../store/check-owner.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { readAgent } from './list-fleet.ts';
import { poolChanged } from './pool-changed.ts';

/**
 * Drains an agent or opens it again, and pauses or resumes all its devices. The agent hears of a drain, and of its end,
 * by its held heartbeat; it then takes no lease and gives back what has not started. A paused device gets no new lease,
 * the one it has goes on. The same again changes nothing. Errors: `not_found`, `forbidden` for a shared one.
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
    ...(paused === undefined ? [] : [switchDevices(agentId, paused, now)]),
    poolChanged('SELECT pool_id FROM devices WHERE agent_id = ?1 AND listed = 1', agentId, now),
  ]);
  return readAgent(deps, agentId);
}

/** The event comes first: it is written only where the switch is about to move. */
const switchDrain = (agentId: string, drain: boolean, now: number): Statement[] => [
  {
    sql: `INSERT INTO events (at, type, org_id, agent_id)
          SELECT ?3, 'drain', owner, id FROM agents WHERE id = ?1 AND drain <> ?2`,
    args: [agentId, Number(drain), now],
  },
  { sql: 'UPDATE agents SET drain = ?2 WHERE id = ?1 AND drain <> ?2', args: [agentId, Number(drain)] },
];

const switchDevices = (agentId: string, paused: boolean, now: number): Statement => ({
  sql: `UPDATE devices SET paused_at = CASE WHEN ?2 = 1 THEN ?3 END
        WHERE agent_id = ?1 AND (paused_at IS NOT NULL) <> ?2`,
  args: [agentId, Number(paused), now],
});
