import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Principal } from '../../auth/principal.ts';
import { type Refusals, refuseFlood } from '../../auth/refusals.ts';
import type { WebSession } from '../../queue/orgs/index.ts';

/** How long a session lasts, ms; a token that ends before ends it too. */
const sessionMs = 12 * 3_600_000;
/** One that another server has ended is refused after this time at the latest. */
const cacheMs = 2000;
const cacheSize = 10_000;

export interface Session {
  readonly id: string;
  readonly principal: Principal;
  /** What every form of the session carries: another site cannot know it. */
  readonly csrf: string;
}

export interface SessionStore {
  /** False where the token has ended. */
  readonly store: (session: WebSession) => Promise<boolean>;
  /** The live session with this id. */
  readonly find: (id: string) => Promise<WebSession | undefined>;
  readonly end: (id: string) => Promise<void>;
  /** Ends all sessions of a token, and answers their ids. */
  readonly endAllOf: (tokenId: string) => Promise<string[]>;
  /** Who has the live token with this public id; undefined once it was revoked or has expired. */
  readonly findPrincipal: (tokenId: string) => Promise<Principal | undefined>;
  readonly now: () => number;
}

/** Where a cookie comes from. */
export interface Asker {
  readonly refusals: Refusals;
  readonly address: string;
}

// id, then the secret.
const pattern = /^(ses_[0-9a-f]{24})\.([0-9a-f]{64})$/;

interface Cached {
  readonly known: WebSession;
  readonly until: number;
}

/**
 * Sessions of browsers. A cookie is the id of a row and a secret, of which only the digest is stored: who reads the
 * database, or a backup of it, can make no cookie. Each request looks whether session and token are still live, so to revoke
 * a token is to end its sessions.
 */
export class Sessions {
  readonly #store: SessionStore;
  readonly #cache = new Map<string, Cached>();
  #ends = 0;
  /** Of this database. Cookies do not know ports: servers of others on one host must not end each other's sessions. */
  readonly cookieName: string;

  constructor(cookieName: string, store: SessionStore) {
    this.cookieName = cookieName;
    this.#store = store;
  }

  /** The value of the cookie, and for how long it is good, s. Errors: `unauthorized` where the token has just ended. */
  async begin(tokenId: string): Promise<{ readonly value: string; readonly maxAge: number }> {
    const id = `ses_${randomBytes(12).toString('hex')}`;
    const secret = randomBytes(32).toString('hex');
    const expiresAt = this.#store.now() + sessionMs;
    if (!(await this.#store.store({ id, hash: digest(secret), tokenId, expiresAt })))
      throw new QgjobError('unauthorized', 'this token has just ended');
    return { value: `${id}.${secret}`, maxAge: sessionMs / 1000 };
  }

  /**
   * The session of a cookie; undefined where it is none, has ended, or its token is not live any more. `from`: what cookies of
   * sessions that are not there count against. Errors: `rate_limited` where too many came from the address; a session that was
   * used lately is looked at all the same.
   */
  async read(value: string | undefined, from?: Asker): Promise<Session | undefined> {
    const [, id, secret] = pattern.exec(value ?? '') ?? [];
    if (!id || !secret) return undefined;
    if (from && !this.#cache.has(id)) refuseFlood(from.refusals, from.address);
    const known = await this.#find(id);
    if (!known || !isSame(digest(secret), known.hash)) {
      from?.refusals.take(from.address);
      return undefined;
    }
    const principal = await this.#store.findPrincipal(known.tokenId);
    return principal && { id, principal, csrf: createHmac('sha256', secret).update('csrf').digest('hex') };
  }

  /** Signs out. */
  async end(id: string): Promise<void> {
    await this.#store.end(id);
    this.#forget([id]);
  }

  /** Signs out everywhere; answers the ids of the sessions that have ended. */
  async endAllOf(tokenId: string): Promise<string[]> {
    const ids = await this.#store.endAllOf(tokenId);
    this.#forget(ids);
    return ids;
  }

  #forget(ids: readonly string[]): void {
    this.#ends += 1;
    for (const id of ids) this.#cache.delete(id);
  }

  async #find(id: string): Promise<WebSession | undefined> {
    const now = this.#store.now();
    const hit = this.#cache.get(id);
    if (hit && hit.until > now) return hit.known;
    this.#cache.delete(id);
    const ends = this.#ends;
    const known = await this.#store.find(id);
    if (!known) return undefined;
    // A row that was read while an end was written may be out of date: it is used for this call only.
    if (ends === this.#ends) this.#keep(known, Math.min(now + cacheMs, known.expiresAt));
    return known;
  }

  #keep(known: WebSession, until: number): void {
    if (this.#cache.size >= cacheSize) this.#cache.clear();
    this.#cache.set(known.id, { known, until });
  }
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares texts in a time that says nothing of where they differ. */
export function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
