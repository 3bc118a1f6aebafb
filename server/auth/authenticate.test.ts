import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { QgjobError } from '../../protocol/errors.ts';
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

test('a token stands in a header as Bearer and one word, in any case and with any blanks between', async () => {
  const { authenticator, token } = setUp();
  for (const header of [`Bearer   ${token}`, `bearer ${token}`])
    expect(await authenticator.recheck(header)).toMatchObject({ orgId: 'acme' });
  const missing = 'a token is needed: send it as "Authorization: Bearer <token>"';
  for (const header of [undefined, '', token, `x Bearer ${token}`, `Bearer ${token} more`, `Bearer${token}`])
    await expect(authenticator.recheck(header)).rejects.toThrow(missing);
});

test('every token that is not good gets the same words', async () => {
  const { authenticator, state, ask } = setUp();
  const words = 'this token is not valid here: it may be mistyped, expired or revoked';
  state.isRevoked = true;
  await expect(ask()).rejects.toThrow(words);
  for (const text of ['nothing', mintToken('red').token])
    await expect(authenticator.recheck(`Bearer ${text}`)).rejects.toThrow(words);
});

test('the token of a lease stands for that lease alone, and is looked up nowhere', async () => {
  const { authenticator, state } = setUp();
  const header = `Bearer ${leaseTokens.of('lease-0123')}`;
  expect(await authenticator.authenticate(header, 'here')).toEqual({
    ...{ tokenId: '', rootId: '', orgId: undefined, isOperator: false, scopes: new Set() },
    ...{ leaseId: 'lease-0123', leaseOrgId: undefined },
  });
  expect(state).toMatchObject({ lookUps: 0, seen: 0 });
});

test('of tokens that replace each other the first one is known, and what GitHub proves about a workflow', async () => {
  const facts = { repository_id: '4711' };
  const replaced = setUp({ rootId: 'first', facts: JSON.stringify(facts) });
  expect(await replaced.ask()).toMatchObject({ tokenId: replaced.id, rootId: 'first', github: facts });
  const own = setUp({ rootId: null });
  const principal = await own.ask();
  expect(principal.rootId).toBe(own.id);
  expect(principal).not.toHaveProperty('github');
});

test('who has a token is found by its id too, which counts as its use', async () => {
  const { authenticator, id, state } = setUp();
  expect(await authenticator.findPrincipal(id)).toMatchObject({ tokenId: id });
  expect(await authenticator.findPrincipal('unknown')).toBeUndefined();
  expect(state.seen).toBe(1);
});

test('a call that was let in before is not refused for what others of its address send', async () => {
  const { authenticator, token } = setUp();
  const bad = () => authenticator.authenticate(`Bearer ${mintToken('red').token}`, 'here');
  for (let n = 0; n < 3; n += 1) await expect(bad()).rejects.toMatchObject(refused);
  await expect(authenticator.authenticate(`Bearer ${token}`, 'here')).rejects.toMatchObject({
    code: 'rate_limited',
    message:
      'too many tokens that are not valid here came from this address; check the token, and try again in a minute',
  });
  expect(await authenticator.recheck(`Bearer ${token}`)).toMatchObject({ orgId: 'acme' });
});

test('trouble of the database is held against no address', async () => {
  const { authenticator, ask, state, token } = setUp();
  const busy = Promise.reject(new QgjobError('unavailable', 'the database is busy'));
  state.wait = busy;
  for (let n = 0; n < 5; n += 1) await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
  const broken = Promise.reject(Object.assign(new Error('no error of ours'), { code: 'unauthorized' }));
  state.wait = broken;
  for (let n = 0; n < 5; n += 1) await expect(ask()).rejects.toThrow('no error of ours');
  state.wait = Promise.resolve();
  expect(await authenticator.authenticate(`Bearer ${token}`, 'here')).toMatchObject({ orgId: 'acme' });
});

test('very many tokens take a bounded room, and all of them go on', async () => {
  const lookUps: string[] = [];
  const lookup = {
    find: async (id: string) => {
      lookUps.push(id);
      return { id, orgId: 'acme', scopes: '["read"]', hash: '', expiresAt: null };
    },
    leaseOf: () => undefined,
    orgOfLease: async () => undefined,
    seen: () => undefined,
  };
  const refusals = new Buckets({ perSecond: 1, burst: 3 }, () => 0);
  const authenticator = new Authenticator(lookup, () => 0, refusals);
  for (let n = 0; n < 10_000; n += 1) await authenticator.findPrincipal(`t${n}`);
  await authenticator.findPrincipal('t0');
  expect(lookUps).toHaveLength(10_000);
  // The next one finds no room, and all are forgotten.
  await authenticator.findPrincipal('t10000');
  await authenticator.findPrincipal('t10000');
  await authenticator.findPrincipal('t0');
  expect(lookUps.slice(10_000)).toEqual(['t10000', 't0']);
});
