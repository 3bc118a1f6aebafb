import { eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { agents, leases } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { AgentRow, LeaseRow } from './rows.ts';

/** For whose agents a token may speak: those of an org, the shared ones (''), or all (undefined) for the operator. */
export interface AgentCaller {
  readonly owner: string | undefined;
}

const isForeign = (caller: AgentCaller, owner: string): boolean =>
  caller.owner !== undefined && caller.owner !== owner;

/**
 * Errors: `not_found`, also for another owner's agent; `replaced` where a newer process runs under the agent's name.
 */
export async function findAgent(
  deps: Deps,
  caller: AgentCaller,
  agentId: string,
  bootId: string,
): Promise<AgentRow> {
  const [agent] = await deps.db.select().from(agents).where(eq(agents.id, agentId));
  if (!agent || isForeign(caller, agent.owner)) throw new QgjobError('not_found', `no agent ${agentId}`);
  if (agent.bootId !== bootId) throw replaced(agent.name);
  return agent;
}

export const replaced = (name: string): QgjobError =>
  new QgjobError('replaced', `another process has registered as agent ${name}; this one must stop`);

/** The lease, live or ended. Errors: `not_found`, also for another owner's lease. */
export async function findLease(deps: Deps, caller: AgentCaller, leaseId: string): Promise<LeaseRow> {
  const [found] = await deps.db
    .select({ lease: leases, owner: agents.owner })
    .from(leases)
    .innerJoin(agents, eq(agents.id, leases.agentId))
    .where(eq(leases.id, leaseId));
  if (!found || isForeign(caller, found.owner)) throw new QgjobError('not_found', `no lease ${leaseId}`);
  return found.lease;
}

/** The live lease. Errors: `not_found`; `lease_lost` where it has ended. */
export async function findLiveLease(deps: Deps, caller: AgentCaller, leaseId: string): Promise<LeaseRow> {
  const lease = await findLease(deps, caller, leaseId);
  if (lease.state !== 'active') throw leaseLost(leaseId);
  return lease;
}

export const leaseLost = (leaseId: string): QgjobError =>
  new QgjobError('lease_lost', `lease ${leaseId} has ended; drop its work`);
