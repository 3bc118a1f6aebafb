import type { HeartbeatAnswer } from '../../protocol/shapes/agent.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, findAgent } from './find-agent.ts';
import { toInstant } from './to-wire.ts';

export interface Beat {
  readonly agentId: string;
  readonly bootId: string;
  readonly leaseIds: readonly string[];
}

/**
 * Renews the agent's live leases for one TTL and says that it is there. A lease that the rescuer has not taken back yet
 * is renewed even after its end. Errors: `not_found`, `replaced`.
 */
export async function beatHeart(deps: Deps, caller: AgentCaller, beat: Beat): Promise<void> {
  await findAgent(deps, caller, beat.agentId, beat.bootId);
  const now = deps.now();
  await deps.gate.write([
    {
      sql: 'UPDATE agents SET last_seen_at = ?1 WHERE id = ?2 AND boot_id = ?3',
      args: [now, beat.agentId, beat.bootId],
    },
    {
      sql: `UPDATE leases SET expires_at = ?1
            WHERE id IN (SELECT value FROM json_each(?2)) AND agent_id = ?3 AND boot_id = ?4 AND state = 'active'`,
      args: [now + deps.settings.leaseTtlMs, JSON.stringify(beat.leaseIds), beat.agentId, beat.bootId],
    },
  ]);
}

/** The whole state of what the agent asked about, so that a lost answer costs at most one interval. */
export async function readHeartbeat(deps: Deps, caller: AgentCaller, beat: Beat): Promise<HeartbeatAnswer> {
  const agent = await findAgent(deps, caller, beat.agentId, beat.bootId);
  const ids = JSON.stringify(beat.leaseIds);
  const live = await deps.gate.read(
    `SELECT id, expires_at FROM leases
     WHERE id IN (SELECT value FROM json_each(?)) AND agent_id = ? AND boot_id = ? AND state = 'active'`,
    [ids, beat.agentId, beat.bootId],
  );
  const flagged = await deps.gate.read(
    `SELECT id, lease_id FROM jobs
     WHERE lease_id IN (SELECT value FROM json_each(?)) AND cancel_requested_at IS NOT NULL`,
    [ids],
  );
  const expiry = new Map(live.map((row) => [String(row.id), Number(row.expires_at)]));
  return {
    leases: beat.leaseIds.map((leaseId) => {
      const expiresAt = expiry.get(leaseId);
      return {
        lease_id: leaseId,
        status: expiresAt === undefined ? 'lost' : 'active',
        expires_at: expiresAt === undefined ? null : toInstant(expiresAt),
        cancel: flagged.filter((row) => row.lease_id === leaseId).map((row) => String(row.id)),
      };
    }),
    drain: agent.drain === 1,
  };
}
