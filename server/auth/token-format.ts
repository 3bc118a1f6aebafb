import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * `qgj_<kind>_<id>_<secret><crc32>`. It is found by its id; only the digest of its secret is stored; the checksum
 * refuses a mistyped token before the database is read.
 */
const pattern = /^qgj_([a-z]+)_([0-9a-f]{24})_([0-9a-f]{64})([0-9a-f]{8})$/;

export interface MintedToken {
  readonly id: string;
  /** The whole token; shown once. */
  readonly token: string;
  /** SHA-256 of the secret, hex; only this is stored. */
  readonly hash: string;
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');
export const checksum = (body: string): string => crc32(body).toString(16).padStart(8, '0');

/** `kind` tells the reader of a leaked token what it is: op, adm, sub, red, agt. Those of leases say lse. */
export function mintToken(kind: string): MintedToken {
  const id = randomBytes(12).toString('hex');
  const secret = randomBytes(32).toString('hex');
  const body = `qgj_${kind}_${id}_${secret}`;
  return { id, token: body + checksum(body), hash: digest(secret) };
}

/** The parts of a well-formed token, else undefined. */
export function parseToken(token: string): { id: string; secret: string } | undefined {
  const [, , id, secret, sum] = pattern.exec(token) ?? [];
  if (!id || !secret || checksum(token.slice(0, -8)) !== sum) return undefined;
  return { id, secret };
}

export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(digest(secret), 'hex'), Buffer.from(hash, 'hex'));
}
