import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { Buckets } from '../gate/buckets.ts';
import { Authenticator, type KnownToken } from './authenticate.ts';
import { LeaseTokens } from './lease-token.ts';
import { mintToken } from './token-format.ts';

const leaseTokens = new LeaseTokens('a1'.repeat(32));

/** One token of acme, a store that counts its look-ups, and a clock that the test moves. */
function setUp(given: Partial<KnownToken> = {}) {
  const { token, id, hash } = mintToken('red');
  const state = { now: 1000, lookUps: 0, seen: 0, isRevoked: false, wait: Promise.resolve() };
  const known: KnownToken = { id, hash, orgId: 'acme', scopes: '["read"]', expiresAt: null, ...given };
  const lookup = {
    async find(asked: string) {
      state.lookUps += 1;
      const found = asked === id && !state.isRevoked ? known : undefined;
      await state.wait;
      return found;
    },
    leaseOf: (text: string) => leaseTokens.leaseOf(text),
    orgOfLease: async (id: string) => (id === 'lease-of-acme' ? 'acme' : undefined),
    seen() {
      state.seen += 1;
    },
  };
  const refusals = new Buckets({ perSecond: 1, burst: 3 }, () => state.now);
  const authenticator = new Authenticator(lookup, () => state.now, refusals);
  const ask = (address = 'here') => authenticator.authenticate(`Bearer ${token}`, address);
  return { state, id, token, authenticator, ask };
}

const refused = { code: 'unauthorized' };

test('a token stands for its org and its scopes, and the database is read once in 5 seconds', async () => {
  const { ask, state } = setUp();
  const principal = await ask();
  expect(principal).toMatchObject({ orgId: 'acme', isOperator: false, scopes: new Set(['read']) });
  state.now += 4999;
  expect(await ask()).toBe(principal);
  expect(state).toMatchObject({ lookUps: 1, seen: 1 });
  state.now += 1;
  await ask();
  expect(state).toMatchObject({ lookUps: 2, seen: 1 });
});

test('the use of a token is noted once a minute', async () => {
  const { ask, state } = setUp();
  for (let n = 0; n <= 12; n += 1) {
    await ask();
    state.now += 5000;
  }
  expect(state).toMatchObject({ lookUps: 13, seen: 2 });
});

test('a token revoked elsewhere is refused after 5 seconds, one revoked here at once', async () => {
  const { ask, state, id, authenticator } = setUp();
  await ask();
  state.isRevoked = true;
  await ask();
  authenticator.forget(id);
  await expect(ask()).rejects.toMatchObject(refused);

  const other = setUp();
  await other.ask();
  other.state.isRevoked = true;
  other.state.now += 5000;
  await expect(other.ask()).rejects.toMatchObject(refused);
});

test('a token that expires is refused from then on, not 5 seconds later', async () => {
  const { ask, state } = setUp({ expiresAt: 2000 });
  await ask();
  state.now = 2000;
  state.isRevoked = true;
  await expect(ask()).rejects.toMatchObject(refused);
});

test('a look-up during a revocation serves its own call and no other', async () => {
  const { ask, state, id, authenticator } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.wait = promise;
  const before = ask();
  state.isRevoked = true;
  authenticator.forget(id);
  resolve();
  await before;
  await expect(ask()).rejects.toMatchObject(refused);
});

test('the right id with another secret is refused', async () => {
  const { id, authenticator, state } = setUp();
  const other = mintToken('red');
  await expect(authenticator.authenticate(`Bearer ${other.token}`, 'here')).rejects.toMatchObject(refused);
  // With a correct checksum, which anybody can compute.
  const body = `qgj_red_${id}_${'0'.repeat(64)}`;
  const forged = body + crc32(body).toString(16).padStart(8, '0');
  await expect(authenticator.authenticate(`Bearer ${forged}`, 'here')).rejects.toMatchObject(refused);
  expect(state).toMatchObject({ lookUps: 2, seen: 0 });
});

test('what is no token never reaches the database', async () => {
  const { authenticator, state, token } = setUp();
  for (const header of [
    undefined,
    '',
    token,
    `Basic ${token}`,
    `Bearer ${token}0`,
    'Bearer x'.repeat(1000),
  ]) {
    await expect(authenticator.recheck(header)).rejects.toMatchObject(refused);
  }
  expect(state.lookUps).toBe(0);
});

test('the operator is no member of an org, and passes by that alone', async () => {
  const { ask } = setUp({ orgId: null, scopes: '["operator"]' });
  expect(await ask()).toMatchObject({ orgId: undefined, isOperator: true, scopes: new Set() });
});

test('after some bad tokens from an address, only those that were good lately are looked at from there', async () => {
  const { authenticator, state, ask } = setUp();
  await ask();
  const bad = () => authenticator.authenticate(`Bearer ${mintToken('red').token}`, 'here');
  for (let n = 0; n < 3; n += 1) await expect(bad()).rejects.toMatchObject(refused);
  const before = state.lookUps;
  await expect(bad()).rejects.toMatchObject({ code: 'rate_limited' });
  expect(state.lookUps).toBe(before);
  state.now += 500;
  await ask();
  await expect(authenticator.authenticate('Bearer nothing', 'elsewhere')).rejects.toMatchObject(refused);
  state.now += 500;
  await expect(bad()).rejects.toMatchObject(refused);
});

test('the token of a lease is of the share of its org; those of leases that are gone count as bad ones', async () => {
  const { authenticator, state } = setUp();
  const ask = (leaseId: string) => authenticator.authenticate(`Bearer ${leaseTokens.of(leaseId)}`, 'here');
  for (let n = 0; n < 3; n += 1)
    expect(await ask(`lease-gone-${n}`)).toMatchObject({ leaseId: `lease-gone-${n}`, leaseOrgId: undefined });
  await expect(ask('lease-gone-3')).rejects.toMatchObject({ code: 'rate_limited' });
  // Of an org it sees nothing by that.
  expect(await ask('lease-of-acme')).toMatchObject({
    leaseOrgId: 'acme',
    orgId: undefined,
    scopes: new Set(),
  });
  state.now += 1000;
  await ask('lease-gone-4');
});
