import { eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { agents } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { AgentRow } from './rows.ts';

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
