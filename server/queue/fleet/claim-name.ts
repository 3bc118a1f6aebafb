import { QgjobError } from '../../../protocol/errors.ts';
import { eq } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { isLiveSql, rootSql } from '../store/live-token.ts';
import { matchesPattern } from '../store/match-pattern.ts';
import type { AgentRow } from '../store/rows.ts';

/** The token that registers an agent. */
export interface Registrant {
  readonly tokenId: string;
  /** The first of the tokens that replace each other, of which it is one. */
  readonly rootId: string;
}

/**
 * Says why a token must not register an agent under a name: it is for others, by what it was made for, or by the first name
 * that used it; or another token has the name, and is live. One that replaces that token may. `known`: the agent that has
 * the name. It only explains: the write decides by `mayHaveSql` and `mayTakeSql`. And why it must not offer one of its targets:
 * what a token was made for does not change. Errors: `forbidden`.
 */
export async function checkToken(
  deps: Deps,
  { tokenId, rootId }: Registrant,
  { name, targets }: { readonly name: string; readonly targets: readonly string[] },
  known: AgentRow | undefined,
): Promise<void> {
  const [own] = await deps.db.select().from(tokens).where(eq(tokens.id, tokenId));
  const allowed = own?.agentNames ?? own?.agentName ?? null;
  if (allowed !== null && !matchesPattern(allowed, name)) throw notForThis(name, allowed);
  const patterns: string[] | null = JSON.parse(own?.agentTargets ?? 'null');
  const other = targets.find((target) => patterns?.every((pattern) => !matchesPattern(pattern, target)));
  if (patterns && other !== undefined) throw otherTarget(other, patterns);
  if (!known) return;
  const [row] = await deps.sql.read(`SELECT ${mayTakeSql('?1', '?2', '?3')} AS may`, [
    known.tokenId,
    rootId,
    deps.now(),
  ]);
  if (Number(row?.may) !== 1) throw takenName(name, known.tokenId);
}

/** Whether the token `id` is for the name (SQL, with parameters as its parts); what it was made for was checked before. */
export const mayHaveSql = (id: string, name: string): string =>
  `NOT EXISTS (SELECT 1 FROM tokens o WHERE o.id = ${id} AND o.agent_names IS NULL AND o.agent_name <> ${name})`;

/**
 * Whether a token of the line `rootId` may have the name of an agent with the token `holder` (SQL): that is of the same line,
 * or of one in which no token is live any more. An agent of the operator's token has none.
 */
export const mayTakeSql = (holder: string, rootId: string, now: string): string =>
  `(${holder} IS NULL OR ${rootSql(holder)} = ${rootId} OR NOT EXISTS (
    SELECT 1 FROM tokens l WHERE (l.id = ${rootSql(holder)} OR l.root_id = ${rootSql(holder)}) AND ${isLiveSql('l', now)}))`;

/** A token that was made for no name keeps the first one that it has used; `agentId` and `bootId` show that it has it. */
export const bindToken = (
  { tokenId }: Registrant,
  name: string,
  { agentId, bootId }: { readonly agentId: string; readonly bootId: string },
): Statement => ({
  sql: `UPDATE tokens SET agent_name = coalesce(agent_name, ?2) WHERE id = ?1 AND agent_names IS NULL
          AND EXISTS (SELECT 1 FROM agents WHERE id = ?3 AND boot_id = ?4 AND token_id = ?1)`,
  args: [tokenId, name, agentId, bootId],
});

const notForThis = (name: string, allowed: string): QgjobError =>
  new QgjobError(
    'forbidden',
    `this token is for agent ${allowed}, not for ${name}: start the agent with --name, or make a token for it with \`qgjob tokens create --name=${name} --agent-names=${name} --shared\``,
  );

const otherTarget = (target: string, allowed: readonly string[]): QgjobError =>
  new QgjobError(
    'forbidden',
    `this token is for agents with ${allowed.join(', ')}, not for ${target}: take the device out of the agent's settings, or make a token for it with \`qgjob tokens create --agent-targets=${target}\``,
  );

/** Another token has the name. */
export const takenName = (name: string, holder: string | null): QgjobError =>
  new QgjobError(
    'forbidden',
    `agent ${name} is registered with another token: choose another --name, or end that token with \`qgjob tokens revoke ${holder ?? '<id>'}\`; a token that replaces it comes from \`qgjob tokens rotate\``,
  );
