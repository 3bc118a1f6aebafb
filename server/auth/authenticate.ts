import { QgjobError } from '../../protocol/errors.ts';
import type { Scope } from '../../protocol/states.ts';
import { expandScopes, type Principal } from './principal.ts';
import { countRefusal, type Refusals, refuseFlood } from './refusals.ts';
import { matchesHash, parseToken } from './token-format.ts';

/** A live token as it is stored. */
export interface KnownToken {
  readonly id: string;
  readonly orgId: string | null;
  readonly scopes: string;
  readonly hash: string;
  /** Epoch ms; null for a token that never expires. */
  readonly expiresAt: number | null;
  /** The first token of those that replace each other; null or absent: this one. */
  readonly rootId?: string | null;
  /** What GitHub proves about the workflow that got it (JSON, `GithubFacts`). */
  readonly facts?: string;
}

export interface TokenLookup {
  /** The live token with this public id. */
  find(id: string): Promise<KnownToken | undefined>;
  /** Called when a token is used, but at most once a minute. */
  seen(id: string): void;
  /** The lease that a text is the token of. */
  leaseOf(token: string): string | undefined;
  /** The org of a lease; undefined where it is gone, or ended long ago. */
  orgOfLease(leaseId: string): Promise<string | undefined>;
}

interface Cached {
  readonly known: KnownToken;
  readonly principal: Principal;
  readonly until: number;
}

// A token that another server has revoked is refused after this time at the latest; one that was revoked here or has
// expired, at once.
const cacheMs = 5000;
const seenEveryMs = 60_000;
const cacheSize = 10_000;

/** Turns an Authorization header into a principal. `unauthorized` has the same text for every bad token. */
export class Authenticator {
  readonly #lookup: TokenLookup;
  readonly #now: () => number;
  readonly #refusals: Refusals;
  readonly #cache = new Map<string, Cached>();
  readonly #seenAt = new Map<string, number>();
  #revocations = 0;

  constructor(lookup: TokenLookup, now: () => number, refusals: Refusals) {
    this.#lookup = lookup;
    this.#now = now;
    this.#refusals = refusals;
  }

  /**
   * `address`: where the call comes from. Errors: `unauthorized`; `rate_limited` where many bad tokens came from there, but
   * one that was good lately is looked at all the same: others may share the address.
   */
  authenticate(header: string | undefined, address: string): Promise<Principal> {
    return countRefusal(this.#refusals, address, () => this.#authenticate(header, address));
  }

  /** The same, of a call that was let in before. */
  recheck(header: string | undefined): Promise<Principal> {
    return this.#authenticate(header, undefined);
  }

  async #authenticate(header: string | undefined, address: string | undefined): Promise<Principal> {
    const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) {
      throw new QgjobError('unauthorized', 'a token is needed: send it as "Authorization: Bearer <token>"');
    }
    const leaseId = this.#lookup.leaseOf(token);
    if (leaseId !== undefined) return this.#bearerOf(leaseId, address);
    const parts = parseToken(token);
    if (address !== undefined && !this.#seenAt.has(parts?.id ?? '')) refuseFlood(this.#refusals, address);
    const cached = parts && (await this.#find(parts.id));
    if (!cached || !matchesHash(parts.secret, cached.known.hash)) {
      throw new QgjobError(
        'unauthorized',
        'this token is not valid here: it may be mistyped, expired or revoked',
      );
    }
    this.#see(parts.id);
    return cached.principal;
  }

  /**
   * Whether the lease is live is found when its row is read. One that is gone is refused there; until then its token counts
   * as a bad one of the address, since it is of no org's share any more.
   */
  async #bearerOf(leaseId: string, address: string | undefined): Promise<Principal> {
    const leaseOrgId = await this.#lookup.orgOfLease(leaseId);
    if (leaseOrgId === undefined && address !== undefined) {
      refuseFlood(this.#refusals, address);
      this.#refusals.take(address);
    }
    return bearerOf(leaseId, leaseOrgId);
  }

  /** Who has the live token with this public id: for what the server itself has signed. */
  async findPrincipal(id: string): Promise<Principal | undefined> {
    const found = await this.#find(id);
    if (found) this.#see(id);
    return found?.principal;
  }

  /** Forgets a token at once, after it was revoked here. */
  forget(id: string): void {
    this.#revocations += 1;
    this.#cache.delete(id);
  }

  async #find(id: string): Promise<Cached | undefined> {
    const hit = this.#cache.get(id);
    if (hit && hit.until > this.#now()) return hit;
    this.#cache.delete(id);
    const { known, isFresh } = await this.#lookUp(id);
    if (!known) return undefined;
    const until = Math.min(this.#now() + cacheMs, known.expiresAt ?? Number.POSITIVE_INFINITY);
    const entry = { known, principal: toPrincipal(known), until };
    if (isFresh) keep(this.#cache, id, entry);
    return entry;
  }

  /** A row that was read while a revocation was written may be out of date: it is used for this call only. */
  async #lookUp(id: string): Promise<{ known: KnownToken | undefined; isFresh: boolean }> {
    const before = this.#revocations;
    const known = await this.#lookup.find(id);
    return { known, isFresh: before === this.#revocations };
  }

  #see(id: string): void {
    const now = this.#now();
    if (now - (this.#seenAt.get(id) ?? Number.NEGATIVE_INFINITY) < seenEveryMs) return;
    keep(this.#seenAt, id, now);
    this.#lookup.seen(id);
  }
}

function keep<T>(map: Map<string, T>, id: string, value: T): void {
  if (map.size >= cacheSize) map.clear();
  map.set(id, value);
}

const bearerOf = (leaseId: string, leaseOrgId: string | undefined): Principal => ({
  tokenId: '',
  rootId: '',
  orgId: undefined,
  isOperator: false,
  scopes: new Set(),
  leaseId,
  leaseOrgId,
});

function toPrincipal(known: KnownToken): Principal {
  const granted = JSON.parse(known.scopes) as (Scope | 'operator')[];
  return {
    tokenId: known.id,
    rootId: known.rootId ?? known.id,
    orgId: known.orgId ?? undefined,
    isOperator: granted.includes('operator'),
    scopes: expandScopes(granted.filter((scope) => scope !== 'operator')),
    ...(known.facts !== undefined && { github: JSON.parse(known.facts) }),
  };
}
