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
 * Renews the live leases of an agent for one TTL and notes that it was heard. A lease that is past its end is renewed
 * too, as long as the rescuer has not expired it. Heartbeats of one turn share their statements. Errors: `not_found`,
 * `replaced`.
 */
export function renewLeases(deps: Deps, caller: AgentCaller, renewal: Renewal): Promise<void> {
  return deps.coalescer.run(deps, renewMany, { caller, renewal });
}

const renewMany: BulkOperation<{ caller: AgentCaller; renewal: Renewal }, void> = async (deps, all) => {
  const found = await findAgents(deps, all);
  const renewals = all
    .map(({ renewal }) => renewal)
    .filter((_, index) => !(found[index] instanceof QgjobError));
  const now = deps.now();
  if (renewals.length > 0) await deps.sql.write(renew(renewals, now, now + deps.settings.leaseTtlMs));
  return found.map((agent) => (agent instanceof QgjobError ? rejected(agent) : fulfilled(undefined)));
};

const findAgents = (deps: Deps, all: readonly { caller: AgentCaller; renewal: Renewal }[]) =>
  Promise.all(
    all.map(({ caller, renewal }) =>
      findAgent(deps, caller, renewal.agentId, renewal.bootId).catch((error: unknown) => {
        if (error instanceof QgjobError) return error;
        throw error;
      }),
    ),
  );

/** SEARCH agents USING PRIMARY KEY, SEARCH leases USING PRIMARY KEY. */
function renew(renewals: readonly Renewal[], now: number, expiresAt: number): Statement[] {
  const agents = renewals.map(({ agentId, bootId }) => [agentId, bootId]);
  const leases = renewals.flatMap(({ agentId, bootId, leaseIds }) =>
    leaseIds.map((id) => [id, agentId, bootId]),
  );
  const renewLeases = {
    // A late write of an earlier heartbeat takes nothing back.
    sql: `UPDATE leases SET expires_at = max(expires_at, ?1) FROM json_each(?2) i
          WHERE leases.id = i.value ->> 0 AND agent_id = i.value ->> 1 AND boot_id = i.value ->> 2 AND state = 'active'`,
    args: [expiresAt, JSON.stringify(leases)],
  };
  return [
    {
      sql: `UPDATE agents SET last_seen_at = max(last_seen_at, ?1) FROM json_each(?2) i
            WHERE agents.id = i.value ->> 0 AND boot_id = i.value ->> 1`,
      args: [now, JSON.stringify(agents)],
    },
    ...(leases.length > 0 ? [renewLeases] : []),
  ];
}

/**
 * The state of all leases that the agent has named, and not only the changes: so a lost answer costs one heartbeat
 * interval at most. Errors: `not_found`, `replaced`.
 */
export async function readHeartbeat(
  deps: Deps,
  caller: AgentCaller,
  renewal: Renewal,
): Promise<HeartbeatAnswer> {
  // Only its own leases. Another agent's lease, or an invented id, is answered as lost and nothing more.
  const liveSql = `SELECT id FROM leases
     WHERE id IN (SELECT value FROM json_each(?)) AND agent_id = ? AND boot_id = ? AND state = 'active'`;
  const args = [JSON.stringify(renewal.leaseIds), renewal.agentId, renewal.bootId];
  const [agent, live, flagged] = await Promise.all([
    findAgent(deps, caller, renewal.agentId, renewal.bootId),
    deps.sql.read(`SELECT id, expires_at FROM leases WHERE id IN (${liveSql})`, args),
    deps.sql.read(
      `SELECT id, lease_id FROM jobs WHERE lease_id IN (${liveSql}) AND cancel_requested_at IS NOT NULL`,
      args,
    ),
  ]);
  const expiry = new Map(live.map((row) => [String(row.id), Number(row.expires_at)]));
  return {
    leases: renewal.leaseIds.map((leaseId) => {
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
