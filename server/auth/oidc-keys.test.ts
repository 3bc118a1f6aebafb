import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { OidcKeys } from './oidc-keys.ts';

let jwk: JWK;
beforeAll(async () => {
  jwk = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
});

const minute = 60_000;
const hour = 60 * minute;

/** Keys of an issuer that names these keys, with a clock that the test moves. */
function setUp(...kids: string[]) {
  const body = () => JSON.stringify({ keys: state.kids.map((kid) => ({ ...jwk, kid, alg: 'RS256' })) });
  const state = { now: 0, kids, reads: 0, asked: [] as unknown[], answer: () => new Response(body()) };
  const get = async (url: unknown, init: unknown) => {
    state.reads += 1;
    state.asked.push([url, init]);
    return state.answer();
  };
  const keys = new OidcKeys({ issuer: 'https://issuer', now: () => state.now, fetch: get as typeof fetch });
  return { state, body, find: (kid: string) => keys.find({ alg: 'RS256', kid }, {} as never) };
}

const unknown = { code: 'ERR_JWKS_NO_MATCHING_KEY' };
const unavailable = {
  code: 'unavailable',
  message: 'the keys of https://issuer cannot be read at the moment; try again',
};

test('the keys are read once in ten minutes, from the place of the issuer, and from nowhere that it leads to', async () => {
  const { state, find } = setUp('a');
  await find('a');
  state.now = 10 * minute - 1;
  await find('a');
  expect(state.reads).toBe(1);
  state.now = 10 * minute;
  await find('a');
  expect(state.reads).toBe(2);
  expect(state.asked[0]).toEqual([
    'https://issuer/.well-known/jwks',
    { headers: { accept: 'application/json' }, redirect: 'error', signal: expect.any(AbortSignal) },
  ]);
});

test('a token that names a key that is not among them has them read again, but not more than twice a minute', async () => {
  const { state, find } = setUp('a');
  await find('a');
  state.kids = ['b'];
  state.now = 30_000 - 1;
  await expect(find('b')).rejects.toMatchObject(unknown);
  expect(state.reads).toBe(1);
  state.now = 30_000;
  await find('b');
  await expect(find('a')).rejects.toMatchObject(unknown);
  expect(state.reads).toBe(2);
});

test('before the first success an issuer that is away is asked every five seconds', async () => {
  const { state, find } = setUp('a');
  const works = state.answer;
  state.answer = () => {
    throw new Error('away');
  };
  await expect(find('a')).rejects.toMatchObject(unavailable);
  state.answer = works;
  state.now = 4999;
  await expect(find('a')).rejects.toMatchObject(unavailable);
  expect(state.reads).toBe(1);
  state.now = 5000;
  await find('a');
});

test('while the issuer is away the last keys are good for a day', async () => {
  const { state, find } = setUp('a');
  await find('a');
  state.answer = () => new Response('', { status: 503 });
  state.now = 24 * hour - 1;
  await find('a');
  state.now = 24 * hour;
  await expect(find('a')).rejects.toMatchObject(unavailable);
});

test('calls that come together wait for one read', async () => {
  const { state, find } = setUp('a');
  await Promise.all([find('a'), find('a'), find('a')]);
  expect(state.reads).toBe(1);
});

test('what is no list of keys, or is not answered by 200, is as if there was no answer', async () => {
  const { state, body, find } = setUp('a');
  const mebibyte = 1024 * 1024;
  const answers = [
    () => new Response('<html>'),
    () => new Response(body(), { status: 201 }),
    () => new Response(body().padEnd(mebibyte + 1)),
  ];
  for (const answer of answers) {
    state.answer = answer;
    await expect(find('a')).rejects.toMatchObject(unavailable);
    state.now += 5000;
  }
  state.answer = () => new Response(body().padEnd(mebibyte));
  await find('a');
});
