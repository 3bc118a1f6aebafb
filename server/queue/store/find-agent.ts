import { QgjobError } from '../../../protocol/errors.ts';
import { eq } from '../../db/drizzle.ts';
import { agents } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { AgentRow } from './rows.ts';

/** For whose agents a token may speak: those of an org, the shared ones (''), or all (undefined) for the operator. */
export interface AgentCaller {
  readonly owner: string | undefined;
  /** The token, which speaks for the agents alone that registered with it; undefined for the operator. */
  readonly tokenId?: string | undefined;
}

export const isForeign = (caller: AgentCaller, owner: string): boolean =>
  caller.owner !== undefined && caller.owner !== owner;

/** Refuses a token with which the agent did not register. Errors: `forbidden`. */
export function refuseToken(
  caller: AgentCaller,
  tokenId: string | null,
  name: string,
): QgjobError | undefined {
  const isOwn = caller.tokenId === undefined || tokenId === null || caller.tokenId === tokenId;
  return isOwn ? undefined : new QgjobError('forbidden', `agent ${name} registered with another token`);
}

/**
 * Errors: `not_found`, also for another owner's agent; `replaced` where a newer process runs under the agent's name;
 * `forbidden` where it registered with another token.
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
  const refusal = refuseToken(caller, agent.tokenId, agent.name);
  if (refusal) throw refusal;
  return agent;
}

export const replaced = (name: string): QgjobError =>
  new QgjobError('replaced', `another process has registered as agent ${name}; this one must stop`);
