import { type Client, withRetry } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { CreatedToken } from '../../protocol/shapes/admin.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { wallClock } from '../clock.ts';
import { type AgentConfig, ownTokenFile } from '../config.ts';
import { type KeptToken, keepToken, readKept } from './kept-token.ts';

/** The longest time that may be asked for; the server cuts it to what it allows. */
const askedDays = 3650;
/** How long a server that is away is waited for, in ms. */
const retryForMs = 30_000;
/** It is renewed once so much of its time is over: there is a third left for a server that is away. */
const renewedAfter = 2 / 3;

/**
 * The agent's own token on a server whose operator token it can read: the one that it has kept, else a new shared one, good
 * for agents of its name alone, which is kept in a file for its user alone. `operator`: a client with the operator's
 * token, `operatorToken`. Errors: those of the calls, the system's where the file cannot be written.
 */
export async function ownToken(
  config: AgentConfig,
  operator: Client,
  operatorToken: string,
): Promise<KeptToken> {
  const file = ownTokenFile(config);
  const madeBy = nameOfToken(operatorToken)?.id ?? '';
  const kept = await readKept(file);
  if (kept?.made_by === madeBy) return kept;
  // Another operator's token: that of another database, or one that has replaced the old one.
  if (kept && (await isGood(operator.as(kept.token)))) {
    const known = { ...kept, made_by: madeBy };
    await keepToken(file, known);
    return known;
  }
  await endLost(operator, config.name);
  const { name } = config;
  const body = {
    ...{ name, shared: true, scopes: ['agent' as const] },
    ...{ agent_names: name, expires_in_days: askedDays },
  };
  // One that was made although the answer was lost does no harm: nobody knows it.
  const make = () => operator.with({ forMs: 0 }).call('createToken', { body });
  const made = toKept(await withRetry(make, true, { forMs: retryForMs }), madeBy, wallClock());
  await keepToken(file, made);
  return made;
}

/** `now`: epoch ms. */
export function toKept({ token, expires_at: end }: CreatedToken, madeBy: string, now: number): KeptToken {
  const renewAt = end === null ? undefined : now + renewedAfter * (Date.parse(end) - now);
  return {
    token,
    made_by: madeBy,
    ...(renewAt !== undefined && { renew_at: new Date(renewAt).toISOString() }),
  };
}

async function isGood(client: Client): Promise<boolean> {
  try {
    await client.call('whoami');
    return true;
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'unauthorized') return false;
    throw error;
  }
}

/**
 * Revokes the shared tokens that were made for this name alone: their file is lost, and as long as they are good no other
 * token gets the name.
 */
async function endLost(operator: Client, name: string): Promise<void> {
  for (let cursor: string | undefined; ; ) {
    const { tokens, next_cursor } = await operator.call('listTokens', { query: cursor ? { cursor } : {} });
    for (const one of tokens)
      if (one.shared && one.name === name && one.agent_names === name && one.scopes.includes('agent'))
        await operator.call('deleteToken', { params: { id: one.token_id } });
    if (next_cursor === null) return;
    cursor = next_cursor;
  }
}
