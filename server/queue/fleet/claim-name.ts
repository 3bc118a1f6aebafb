import { QgjobError } from '../../../protocol/errors.ts';
import { eq } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { matchesPattern } from '../store/match-pattern.ts';
import type { AgentRow, TokenRow } from '../store/rows.ts';

/**
 * Lets a token register an agent under a name: one of those that it was made for; or, where it was made for none, the
 * first name that it uses, which it keeps from then on. A name that another live token uses can be taken over only by a
 * token that was made for it. `known`: the agent that has the name. Errors: `forbidden`.
 */
export async function claimName(
  deps: Deps,
  tokenId: string,
  name: string,
  known: AgentRow | undefined,
): Promise<void> {
  const own = await findToken(deps, tokenId);
  // Revoked and deleted meanwhile: the next call is refused.
  if (!own) return;
  const allowed = own.agentNames ?? own.agentName;
  if (allowed !== null && !matchesPattern(allowed, name)) throw notForThis(name, allowed);
  if (own.agentNames !== null) return;
  await refuseTakeover(deps, tokenId, name, known);
  if (own.agentName === null) await bind(deps, tokenId, name);
}

async function findToken(deps: Deps, id: string): Promise<TokenRow | undefined> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  return row;
}

const notForThis = (name: string, allowed: string): QgjobError =>
  new QgjobError(
    'forbidden',
    `this token is for agent ${allowed}, not for ${name}: start the agent with --name, or make a token for it with \`qgjob tokens create --name=${name} --agent-names=${name} --shared\``,
  );

async function refuseTakeover(
  deps: Deps,
  tokenId: string,
  name: string,
  known: AgentRow | undefined,
): Promise<void> {
  if (!known?.tokenId || known.tokenId === tokenId) return;
  const other = await findToken(deps, known.tokenId);
  const isLive =
    other && other.revokedAt === null && (other.expiresAt === null || other.expiresAt > deps.now());
  if (!isLive) return;
  throw new QgjobError(
    'forbidden',
    `agent ${name} is registered with another token: choose another --name, revoke that token, or make one for this name with \`qgjob tokens create --name=${name} --agent-names=${name} --shared\``,
  );
}

/** Of two names at once the first one counts. */
async function bind(deps: Deps, tokenId: string, name: string): Promise<void> {
  await deps.sql.write([
    { sql: 'UPDATE tokens SET agent_name = coalesce(agent_name, ?2) WHERE id = ?1', args: [tokenId, name] },
  ]);
  const bound = (await findToken(deps, tokenId))?.agentName ?? name;
  if (bound !== name) throw notForThis(name, bound);
}
