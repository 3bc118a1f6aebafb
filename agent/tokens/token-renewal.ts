import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client/index.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { type KeptToken, keepToken } from './kept-token.ts';
import { toKept } from './own-token.ts';

/** How long the old one stays good: an agent that died right after the renewal finds only that. */
const overlapMinutes = 24 * 60;
const lookMs = 3_600_000;

interface RenewalParts {
  readonly client: Client;
  readonly kept: KeptToken;
  /** Where it is kept. */
  readonly file: string;
  /** Epoch ms. */
  readonly now: () => number;
}

interface Listener {
  /** Called with a new token before it is used: it is a secret from then on. */
  readonly onToken: (token: string) => void;
  readonly say: (line: string) => void;
}

/** The agent's own token, replaced once two thirds of its time are over. */
export class TokenRenewal {
  readonly #parts: RenewalParts;
  #kept: KeptToken;
  #current: Client;
  /** A client that always calls with the token of now. */
  readonly client: Client;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
    this.#kept = parts.kept;
    this.#current = parts.client.as(parts.kept.token);
    this.client = following(() => this.#current);
  }

  /** Looks again and again until `over`. Where it cannot be replaced now, the next look tries again. */
  async run(over: AbortSignal, listener: Listener): Promise<void> {
    const failed = (error: Error) => listener.say(`the agent's token was not replaced: ${error.message}`);
    while (!over.aborted) {
      await this.renewIfDue(listener).catch(failed);
      await sleep(lookMs, undefined, { signal: over, ref: false }).catch(() => undefined);
    }
  }

  /** True where it was replaced. Errors: those of the call, the system's where the file cannot be written. */
  async renewIfDue({ onToken, say }: Listener): Promise<boolean> {
    const { file, client, now } = this.#parts;
    const { token, made_by, renew_at: renewAt } = this.#kept;
    if (renewAt === undefined || Date.parse(renewAt) > now()) return false;
    const params = { id: nameOfToken(token)?.id ?? '' };
    const made = await this.#current
      .with({ forMs: 0 })
      .call('rotateToken', { params, body: { overlap_minutes: overlapMinutes } });
    onToken(made.token);
    const kept = toKept(made, made_by, now());
    await keepToken(file, kept);
    this.#kept = kept;
    this.#current = client.as(kept.token);
    say('the agent has replaced its token');
    return true;
  }
}

/** What is derived from it with another rule goes on with the token that it had then. */
const following = (current: () => Client): Client => ({
  url: current().url,
  direct: current().direct,
  call: (name, input) => current().call(name, input),
  has: (name, input) => current().has(name, input),
  open: (name, input) => current().open(name, input),
  as: (token) => current().as(token),
  with: (rule) => current().with(rule),
});
