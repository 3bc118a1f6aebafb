import { expect, test } from 'vitest';
import { LeaseTokens } from './lease-token.ts';
import { checksum } from './token-format.ts';

const leaseId = 'lease_0123-ABC';
const tokens = new LeaseTokens('a1'.repeat(32));

test('the token of a lease names it, and is the same wherever the key is', () => {
  const token = tokens.of(leaseId);
  expect(token).toMatch(/^qgj_lse_lease_0123-ABC_[0-9a-f]{72}$/);
  expect(new LeaseTokens('a1'.repeat(32)).of(leaseId)).toBe(token);
  expect(tokens.leaseOf(token)).toBe(leaseId);
});

test('a token made with another key, or for another lease, is the token of none', () => {
  expect(tokens.leaseOf(new LeaseTokens('a2'.repeat(32)).of(leaseId))).toBeUndefined();
  // With a correct checksum, which anybody can compute.
  const body = tokens.of(leaseId).slice(0, -8).replace('ABC', 'ABD');
  expect(tokens.leaseOf(body + checksum(body))).toBeUndefined();
});

test.each([
  ['a mistyped checksum', (token: string) => token.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ['a text before it', (token: string) => `x${token}`],
  ['a text after it', (token: string) => `${token}0`],
  ['a lease with a short id', () => tokens.of('short')],
  ['a lease with an id of other characters', () => tokens.of('lease/0123')],
  ['the mac in upper case', (token: string) => token.toUpperCase().replace('QGJ_LSE', 'qgj_lse')],
  ['nothing', () => ''],
])('%s is no token of a lease', (_what, change) => {
  expect(tokens.leaseOf(change(tokens.of(leaseId)))).toBeUndefined();
});

test.each(['12345678', 'x'.repeat(64)])('a lease may be named %s', (id) => {
  expect(tokens.leaseOf(tokens.of(id))).toBe(id);
});

test('a text that only holds a token is none, whatever its checksum', () => {
  const token = tokens.of(leaseId);
  for (const body of [`x${token.slice(0, -8)}`, `${token}_`])
    expect(tokens.leaseOf(body + checksum(body))).toBeUndefined();
});
