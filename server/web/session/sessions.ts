import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../auth/principal.ts';

/** How long a session lasts, ms; a token that ends before ends it too. */
const sessionMs = 12 * 3_600_000;

export interface Session {
  readonly principal: Principal;
  /** What every form of the session carries: another site cannot know it. */
  readonly csrf: string;
}

export interface SessionLookup {
  /** Who has the live token with this public id; undefined once it was revoked or has expired. */
  readonly findPrincipal: (tokenId: string) => Promise<Principal | undefined>;
  readonly now: () => number;
}

// token id, end (epoch ms, base 36), random part; then the MAC of these.
const pattern = /^([0-9a-f]{1,64}\.[0-9a-z]{1,12}\.[0-9a-f]{32})\.([0-9a-f]{64})$/;

/**
 * Sessions of browsers. A cookie names a token by its public id and is signed with a key of the database: it holds no
 * secret of the token, no server has to remember it, and every server of the database takes it. Each request looks
 * whether the token is still live, so to revoke a token is to end its sessions.
 */
export class Sessions {
  readonly #key: Buffer;
  readonly #lookup: SessionLookup;
  /** Cookies do not know ports: servers of different databases on one host must not end each other's sessions. */
  readonly cookieName: string;

  /** `key`: 32 random bytes, hex. */
  constructor(key: string, lookup: SessionLookup) {
    this.#key = Buffer.from(key, 'hex');
    this.#lookup = lookup;
    this.cookieName = `qgjob_${this.#mac('cookie name').slice(0, 8)}`;
  }

  /** The value of the cookie, and for how long it is good, s. */
  begin(tokenId: string): { readonly value: string; readonly maxAge: number } {
    const end = (this.#lookup.now() + sessionMs).toString(36);
    const body = `${tokenId}.${end}.${randomBytes(16).toString('hex')}`;
    return { value: `${body}.${this.#mac(`session ${body}`)}`, maxAge: sessionMs / 1000 };
  }

  /** The session of a cookie; undefined where it is none, has ended, or its token is not live any more. */
  async read(value: string | undefined): Promise<Session | undefined> {
    const [, body = '', mac = ''] = pattern.exec(value ?? '') ?? [];
    if (body === '' || !isSame(mac, this.#mac(`session ${body}`))) return undefined;
    const [tokenId = '', end = ''] = body.split('.');
    if (Number.parseInt(end, 36) <= this.#lookup.now()) return undefined;
    const principal = await this.#lookup.findPrincipal(tokenId);
    return principal && { principal, csrf: this.#mac(`csrf ${body}`) };
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}

/** Compares texts in a time that says nothing of where they differ. */
export function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
