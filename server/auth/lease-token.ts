import { createHmac, timingSafeEqual } from 'node:crypto';
import { checksum } from './token-format.ts';

/** `qgj_lse_<lease id>_<mac><crc32>`: whoever has the key can tell whether it is the token of this lease. */
const pattern = /^qgj_lse_([A-Za-z0-9_-]{8,64})_([0-9a-f]{64})([0-9a-f]{8})$/;

/**
 * The tokens of leases. They are derived from the lease's id and a key of the database, and so are the same after a
 * restart and on every server of that database; none of them is stored.
 */
export class LeaseTokens {
  readonly #key: Buffer;

  /** `key`: 32 random bytes, hex. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  of(leaseId: string): string {
    const body = `qgj_lse_${leaseId}_${this.#mac(leaseId).toString('hex')}`;
    return body + checksum(body);
  }

  /** The lease that this is the token of; undefined for any other text. Reads no database. */
  leaseOf(token: string): string | undefined {
    const [, leaseId, mac, sum] = pattern.exec(token) ?? [];
    if (!leaseId || !mac || checksum(token.slice(0, -8)) !== sum) return undefined;
    return timingSafeEqual(Buffer.from(mac, 'hex'), this.#mac(leaseId)) ? leaseId : undefined;
  }

  #mac(leaseId: string): Buffer {
    return createHmac('sha256', this.#key).update(`lease ${leaseId}`).digest();
  }
}
