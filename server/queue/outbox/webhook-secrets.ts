import { randomBytes } from 'node:crypto';
import type { Row } from '@libsql/client';

/** One of the secrets of a webhook; what it is made of beside a key. */
interface Secret {
  /** Hex; '' of the first one. */
  readonly nonce: string;
  /** Signs until then, epoch ms; null: it is the newest. */
  readonly until: number | null;
}

const first: Secret = { nonce: '', until: null };

/** So many sign beside the newest one at most, however often it is replaced: the oldest of them, which the receiver may have, and the last ones. */
const mostOld = 3;
const boundOld = (old: readonly Secret[]): Secret[] =>
  old.length > mostOld ? [...old.slice(0, mostOld - 1), ...old.slice(-1)] : [...old];

const secretsOf = ({ secrets }: Row): Secret[] => (secrets === null ? [first] : JSON.parse(String(secrets)));

const isLive =
  (now: number) =>
  ({ until }: Secret): boolean =>
    until === null || until > now;

/** The nonces of those that sign now, newest first. */
export const signingNonces = (row: Row, now: number): string[] =>
  secretsOf(row)
    .filter(isLive(now))
    .map(({ nonce }) => nonce);

/** Until when another one than the newest signs; null where none does. */
export function oldUntil(row: Row, now: number): number | null {
  const ends = secretsOf(row).flatMap(({ until }) => (until !== null && until > now ? [until] : []));
  return ends.length > 0 ? Math.max(...ends) : null;
}

/**
 * The column of a webhook that gets another secret. The newest until now signs for the overlap, those before it as long as
 * they were to: an answer that was lost must not end the secret that a receiver has. Without an overlap all of them end. No
 * secret comes twice, also not after the database was put back.
 */
export function withNewSecret(row: Row, overlapMs: number, now: number): string {
  const old = secretsOf(row)
    .filter(isLive(now))
    .map(({ nonce, until }) => ({ nonce, until: until ?? now + overlapMs }));
  const kept = overlapMs === 0 ? [] : boundOld(old);
  return JSON.stringify([
    { nonce: randomBytes(16).toString('hex'), until: null },
    ...kept,
  ] satisfies Secret[]);
}
