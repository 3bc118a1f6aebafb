import { QgjobError } from '../../../protocol/errors.ts';
import type { HeartbeatAnswer } from '../../../protocol/shapes/agent.ts';
import type { Statement } from '../../db/statement.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { type AgentCaller, findAgent } from '../store/find-agent.ts';
import { toInstant } from '../store/to-wire.ts';

export interface Renewal {
  readonly agentId: string;
  readonly bootId: string;
  readonly leaseIds: readonly string[];
}

/**
 * Renews the agent's live leases for one TTL and says that it is there. A lease that the rescuer has not taken back yet
 * is renewed even after its end. Heartbeats of one turn are one statement. Errors: `not_found`, `replaced`.
 */
export function renewLeases(deps: Deps, caller: AgentCaller, beat: Renewal): Promise<void> {
  return deps.coalescer.run(deps, renewMany, { caller, beat });
}

const renewMany: BulkOperation<{ caller: AgentCaller; beat: Renewal }, void> = async (deps, all) => {
  const found = await findAgents(deps, all);
  const beats = all.map(({ beat }) => beat).filter((_, index) => !(found[index] instanceof QgjobError));
  const now = deps.now();
  if (beats.length > 0) await deps.sql.write(renew(beats, now, now + deps.settings.leaseTtlMs));
  return found.map((agent) => (agent instanceof QgjobError ? rejected(agent) : fulfilled(undefined)));
};

const findAgents = (deps: Deps, all: readonly { caller: AgentCaller; beat: Renewal }[]) =>
  Promise.all(
    all.map(({ caller, beat }) =>
      findAgent(deps, caller, beat.agentId, beat.bootId).catch((error: unknown) => {
        if (error instanceof QgjobError) return error;
        throw error;
      }),
    ),
  );

/** SEARCH agents USING PRIMARY KEY, SEARCH leases USING PRIMARY KEY. */
function renew(beats: readonly Renewal[], now: number, expiresAt: number): Statement[] {
  const agents = beats.map((beat) => [beat.agentId, beat.bootId]);
  const leases = beats.flatMap((beat) => beat.leaseIds.map((id) => [id, beat.agentId, beat.bootId]));
  const renewLeases = {
    sql: `UPDATE leases SET expires_at = ?1 FROM json_each(?2) i
          WHERE leases.id = i.value ->> 0 AND agent_id = i.value ->> 1 AND boot_id = i.value ->> 2 AND state = 'active'`,
    args: [expiresAt, JSON.stringify(leases)],
  };
  return [
    {
      sql: `UPDATE agents SET last_seen_at = ?1 FROM json_each(?2) i
            WHERE agents.id = i.value ->> 0 AND boot_id = i.value ->> 1`,
      args: [now, JSON.stringify(agents)],
    },
    ...(leases.length > 0 ? [renewLeases] : []),
  ];
}

/** The whole state of what the agent asked about, so that a lost answer costs at most one interval. */
export async function readHeartbeat(
  deps: Deps,
  caller: AgentCaller,
  beat: Renewal,
): Promise<HeartbeatAnswer> {
  const agent = await findAgent(deps, caller, beat.agentId, beat.bootId);
  const ids = JSON.stringify(beat.leaseIds);
  const live = await deps.sql.read(
    `SELECT id, expires_at FROM leases
     WHERE id IN (SELECT value FROM json_each(?)) AND agent_id = ? AND boot_id = ? AND state = 'active'`,
    [ids, beat.agentId, beat.bootId],
  );
  // Of its own leases alone: another agent's, or a made-up id, is lost and tells nothing.
  const flagged = await deps.sql.read(
    `SELECT id, lease_id FROM jobs
     WHERE lease_id IN (SELECT value FROM json_each(?)) AND cancel_requested_at IS NOT NULL`,
    [JSON.stringify(live.map((row) => row.id))],
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
