import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Client, withRetry } from '../../client/index.ts';
import { isObject } from '../../client/json.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { type AgentConfig, ownTokenFile } from '../config.ts';

/** What an agent keeps of the token that it has made for itself. */
interface KeptToken {
  readonly token: string;
  /** The id of the operator's token that made it: another one is another database, which does not know this token. */
  readonly made_by: string;
}

/** The longest time there is: the operator's token beside it does not expire at all. */
const goodForDays = 3650;
/** How long a server that is away is waited for, in ms. */
const retryForMs = 30_000;

/**
 * The agent's own token on a server whose operator token it can read: the one that it has kept, else a new shared one, good
 * for agents of its name alone, which is kept in a file for its user alone. `operator`: a client with the operator's
 * token, `operatorToken`. Errors: those of the call, the system's where the file cannot be written.
 */
export async function ownToken(
  config: AgentConfig,
  operator: Client,
  operatorToken: string,
): Promise<string> {
  const file = ownTokenFile(config);
  const madeBy = nameOfToken(operatorToken)?.id ?? '';
  const kept = await readKept(file);
  if (kept?.made_by === madeBy) return kept.token;
  const { name } = config;
  const body = {
    ...{ name, shared: true, scopes: ['agent' as const] },
    ...{ agent_names: name, expires_in_days: goodForDays },
  };
  // One that was made although the answer was lost does no harm: nobody knows it.
  const make = () => operator.with({ forMs: 0 }).call('createToken', { body });
  const made = await withRetry(make, true, { forMs: retryForMs });
  await keep(file, { token: made.token, made_by: madeBy });
  return made.token;
}

/** Undefined where there is none, or something else. */
async function readKept(file: string): Promise<KeptToken | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isObject(kept)) return undefined;
    const { token, made_by } = kept;
    return typeof token === 'string' && typeof made_by === 'string' ? { token, made_by } : undefined;
  } catch {
    return undefined;
  }
}

/** It has its name only when it is complete. */
async function keep(file: string, kept: KeptToken): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await writeFile(unfinished, `${JSON.stringify(kept)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
