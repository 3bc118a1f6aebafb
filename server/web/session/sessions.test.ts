import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Principal } from '../../auth/principal.ts';
import type { WebSession } from '../../queue/orgs/index.ts';
import { isSame, Sessions } from './sessions.ts';

const hour = 3_600_000;

/** Sessions of the token `t1` in a store that counts its look-ups, with a clock that the test moves. */
function setUp() {
  const rows = new Map<string, WebSession>();
  const state = { now: 1000, finds: 0, isLive: true, wait: Promise.resolve() };
  const sessions = new Sessions('qgjob_1', {
    store: async (session) => {
      if (state.isLive) rows.set(session.id, session);
      return state.isLive;
    },
    find: async (id) => {
      state.finds += 1;
      const row = rows.get(id);
      await state.wait;
      return row;
    },
    end: async (id) => void rows.delete(id),
    endAllOf: async () => {
      const ids = [...rows.keys()];
      rows.clear();
      return ids;
    },
    findPrincipal: async (tokenId) =>
      state.isLive && tokenId === 't1' ? ({ tokenId } as Principal) : undefined,
    now: () => state.now,
  });
  return { rows, state, sessions };
}

test('a cookie is good for twelve hours, and only the digest of its secret is stored', async () => {
  const { rows, sessions } = setUp();
  const { value, maxAge } = await sessions.begin('t1');
  expect(maxAge).toBe(12 * 3600);
  expect(value).toMatch(/^ses_[0-9a-f]{24}\.[0-9a-f]{64}$/);
  const [id = '', secret = ''] = value.split('.');
  expect(rows.get(id)).toEqual({
    ...{ id, tokenId: 't1', expiresAt: 1000 + 12 * hour, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(JSON.stringify([...rows])).not.toContain(secret);
});

test('a cookie stands for who has its token, and for a word that each of its forms carries', async () => {
  const { sessions } = setUp();
  const [one, other] = [await sessions.begin('t1'), await sessions.begin('t1')];
  const session = await sessions.read(one.value);
  expect(session).toEqual({
    ...{ id: one.value.slice(0, 28), principal: { tokenId: 't1' } },
    csrf: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await sessions.read(one.value))?.csrf).toBe(session?.csrf);
  expect((await sessions.read(other.value))?.csrf).not.toBe(session?.csrf);
  const hmac = createHmac('sha256', one.value.slice(29)).update('csrf').digest('hex');
  expect(session?.csrf).toBe(hmac);
});

test('with a token that has just ended none begins, and those of before are over', async () => {
  const { state, sessions } = setUp();
  const { value } = await sessions.begin('t1');
  state.isLive = false;
  expect(await sessions.read(value)).toBeUndefined();
  await expect(sessions.begin('t1')).rejects.toMatchObject({
    ...{ code: 'unauthorized', message: 'this token has just ended' },
  });
});

test.each([
  ['nothing', () => undefined],
  ['an empty text', () => ''],
  ['the id alone', (value: string) => value.slice(0, 28)],
  ['another secret', (value: string) => `${value.slice(0, 29)}${'0'.repeat(64)}`],
  ['an unknown id', (value: string) => `ses_${'0'.repeat(24)}${value.slice(28)}`],
  ['a text before it', (value: string) => `x${value}`],
  ['a text after it', (value: string) => `${value}0`],
])('%s is no cookie', async (_what, change) => {
  const { sessions } = setUp();
  const { value } = await sessions.begin('t1');
  expect(await sessions.read(change(value))).toBeUndefined();
});

test('what is no cookie by its form is looked up nowhere', async () => {
  const { sessions, state } = setUp();
  await sessions.read('ses_1.2');
  expect(state.finds).toBe(0);
});

test('a row is read once in two seconds, and not beyond its end', async () => {
  const { state, sessions, rows } = setUp();
  const { value } = await sessions.begin('t1');
  await sessions.read(value);
  state.now += 1999;
  await sessions.read(value);
  expect(state.finds).toBe(1);
  state.now += 1;
  await sessions.read(value);
  expect(state.finds).toBe(2);
  state.now += 12 * hour - 2000 - 1;
  await sessions.read(value);
  state.now += 1;
  rows.clear();
  expect(await sessions.read(value)).toBeUndefined();
});

test('a session that has ended here is over at once', async () => {
  const { sessions } = setUp();
  const [one, other] = [await sessions.begin('t1'), await sessions.begin('t1')];
  for (const { value } of [one, other]) await sessions.read(value);
  await sessions.end(one.value.slice(0, 28));
  expect(await sessions.read(one.value)).toBeUndefined();
  expect(await sessions.read(other.value)).toBeDefined();
  expect(await sessions.endAllOf('t1')).toEqual([other.value.slice(0, 28)]);
  expect(await sessions.read(other.value)).toBeUndefined();
});

test('a row that was read while the session ended serves its own call and no other', async () => {
  const { state, sessions } = setUp();
  const { value } = await sessions.begin('t1');
  const { promise, resolve } = Promise.withResolvers<void>();
  state.wait = promise;
  const before = sessions.read(value);
  await sessions.end(value.slice(0, 28));
  resolve();
  expect(await before).toBeDefined();
  expect(await sessions.read(value)).toBeUndefined();
});

test('two texts are the same where all of their characters are', () => {
  expect([isSame('', ''), isSame('abc', 'abc'), isSame('abc', 'abd'), isSame('abc', 'ab')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('very many sessions take a bounded room, and all of them go on', async () => {
  const { state, sessions } = setUp();
  const first = await sessions.begin('t1');
  await sessions.read(first.value);
  for (let n = 1; n < 10_000; n += 1) await sessions.read((await sessions.begin('t1')).value);
  await sessions.read(first.value);
  expect(state.finds).toBe(10_000);
  const last = await sessions.begin('t1');
  await sessions.read(last.value);
  await sessions.read(last.value);
  await sessions.read(first.value);
  expect(state.finds).toBe(10_002);
});
