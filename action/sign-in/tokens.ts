import * as core from '@actions/core';
import { type Client, mayMendItself, withRetry } from '../../client/index.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { askIdToken } from './ask-id-token.ts';

export interface SignIn {
  /** A client of the server, without a token. */
  readonly client: Client;
  /** What GitHub's token is asked for: the origin of the server's address, as the server knows itself. */
  readonly audience: string;
  readonly orgId: string | undefined;
}

// All tries of one sign-in together.
const signInMs = 30_000;

/** The tokens that this job gets for GitHub's OIDC tokens: one at a time, a new one when the last is no longer good. */
export class Tokens {
  readonly #signIn: SignIn;
  #current: Promise<string> | undefined;

  constructor(signIn: SignIn) {
    this.#signIn = signIn;
  }

  /** The last token, or the first one. Errors: the server's; `unauthorized` where GitHub gives none. */
  get(signal?: AbortSignal): Promise<string> {
    this.#current ??= this.#next(signal);
    return this.#current;
  }

  /** Another token than this one, which the server refused. Errors: as above. */
  async after(refused: string, signal?: AbortSignal): Promise<string> {
    if ((await this.get(signal)) === refused) this.#current = undefined;
    return this.get(signal);
  }

  #next(signal: AbortSignal | undefined): Promise<string> {
    const next = this.#exchange(signal);
    // A failure is no token: the next call tries again.
    next.catch(() => {
      if (this.#current === next) this.#current = undefined;
    });
    return next;
  }

  /** Each try with an OIDC token of its own: one whose answer was lost may have been exchanged. */
  async #exchange(signal: AbortSignal | undefined): Promise<string> {
    const { client, audience, orgId } = this.#signIn;
    const once = async () => {
      const token = await abortable(askIdToken(audience), signal);
      const body = { token, ...(orgId !== undefined && { org_id: orgId }) };
      return client.with({ forMs: 0 }).call('signInByGithub', { body, signal });
    };
    const rule = { forMs: signInMs, isRetryable: mayMendItself };
    const { token, org_id: org } = await withRetry(once, true, rule, signal);
    core.setSecret(token);
    core.info(`Signed in to org ${cleanLine(org)} by GitHub's OIDC.`);
    return token;
  }
}

/** The toolkit's request cannot be ended; nobody waits for it any more once the signal has fired. */
function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, aborted]);
}
