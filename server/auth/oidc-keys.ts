import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { QgjobError } from '../../protocol/errors.ts';

export interface OidcKeysOptions {
  /** Without a slash at its end; its keys are at `<issuer>/.well-known/jwks`. */
  readonly issuer: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly fetch?: typeof fetch;
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

// The keys are read again when they are older than this, or when a token names one that is not among them.
const freshMs = 10 * 60_000;
// But not more often than this, whoever asks: strangers choose the names of keys.
const cooldownMs = 30_000;
// Before the first success an outage of the issuer holds up everybody, so it is tried sooner.
const firstCooldownMs = 5000;
// Keys that could not be renewed for so long may have been withdrawn.
const keptMs = 24 * 3_600_000;
const timeoutMs = 5000;
const maxBytes = 1024 * 1024;

/**
 * The public keys of an OIDC issuer. While the issuer is away the last ones are used, for a day at most. jose's own
 * remote key set is not used: it forgets its keys then, and asks again for each token.
 */
export class OidcKeys {
  readonly #options: OidcKeysOptions;
  #known: { readonly keys: KeySet; readonly at: number } | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | undefined;

  constructor(options: OidcKeysOptions) {
    this.#options = options;
  }

  /** The key that a token names. Errors: jose's `JWKSNoMatchingKey`; `unavailable` where there are no keys yet. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const { now } = this.#options;
    if (now() - (this.#known?.at ?? Number.NEGATIVE_INFINITY) >= freshMs) await this.#renew();
    const keys = this.#keys();
    try {
      return await keys(header, token);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY' || !(await this.#renew()))
        throw error;
      return this.#keys()(header, token);
    }
  };

  #keys(): KeySet {
    const { issuer, now } = this.#options;
    if (this.#known && now() - this.#known.at < keptMs) return this.#known.keys;
    throw new QgjobError('unavailable', `the keys of ${issuer} cannot be read at the moment; try again`);
  }

  /** False where they were read a moment ago. A failure keeps those that are known. */
  async #renew(): Promise<boolean> {
    if (!this.#pending) {
      const { now } = this.#options;
      if (now() - this.#triedAt < (this.#known ? cooldownMs : firstCooldownMs)) return false;
      this.#triedAt = now();
      this.#pending = this.#read().finally(() => {
        this.#pending = undefined;
      });
    }
    await this.#pending;
    return true;
  }

  async #read(): Promise<void> {
    const { issuer, now, fetch: get = fetch } = this.#options;
    try {
      const response = await get(`${issuer}/.well-known/jwks`, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 200) return;
      const text = await response.text();
      if (text.length > maxBytes) return;
      this.#known = { keys: createLocalJWKSet(JSON.parse(text)), at: now() };
    } catch {
      // Away, too slow, or a page that is not its own: as if it had not answered.
    }
  }
}
