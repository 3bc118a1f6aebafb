import { QgjobError } from '../../../protocol/errors.ts';
import { eq } from '../../db/drizzle.ts';
import { agents, tokens } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { AgentRow } from './rows.ts';

/** For whose agents a token may speak: those of an org, the shared ones (''), or all (undefined) for the operator. */
export interface AgentCaller {
  readonly owner: string | undefined;
  /** The first of the tokens that replace each other, of which the caller has one; undefined for the operator. */
  readonly rootId?: string | undefined;
}

export const isForeign = (caller: AgentCaller, owner: string): boolean =>
  caller.owner !== undefined && caller.owner !== owner;

/**
 * Refuses a token with which the agent did not register, unless one of the two has replaced the other. `rootId`: of the
 * agent's token; null: the agent registered with the operator's, and nobody else speaks for it. Errors: `forbidden`.
 */
export function refuseToken(
  caller: AgentCaller,
  rootId: string | null,
  name: string,
): QgjobError | undefined {
  const isOwn = caller.rootId === undefined || caller.rootId === rootId;
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
  const [found] = await deps.db
    .select({ agent: agents, rootId: tokens.rootId })
    .from(agents)
    .leftJoin(tokens, eq(tokens.id, agents.tokenId))
    .where(eq(agents.id, agentId));
  const { agent } = found ?? {};
  if (!agent || isForeign(caller, agent.owner)) throw new QgjobError('not_found', `no agent ${agentId}`);
  if (agent.bootId !== bootId) throw replaced(agent.name);
  const refusal = refuseToken(caller, found?.rootId ?? agent.tokenId, agent.name);
  if (refusal) throw refusal;
  return agent;
}

export const replaced = (name: string): QgjobError =>
  new QgjobError('replaced', `another process has registered as agent ${name}; this one must stop`);
