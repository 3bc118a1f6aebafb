import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OidcIssuer, openIssuer, type TokenOptions } from '../../test/support/oidc-issuer.ts';
import { OidcKeys } from './oidc-keys.ts';
import { verifyOidc } from './verify-oidc.ts';

const audience = 'https://qgjob.example';
const now = Date.UTC(2026, 0, 1);
const second = now / 1000;
const clock = 'the clock of this server says 2026-01-01T00:00:00.000Z, is it right?';

let issuer: OidcIssuer;
let keys: OidcKeys;
beforeAll(async () => {
  issuer = await openIssuer(() => now);
  keys = new OidcKeys({ issuer: issuer.url, now: () => now });
});
afterAll(() => issuer.close());

const verify = (token: string) => verifyOidc(token, keys, { issuer: issuer.url, audience, now: () => now });
const verifyWith = async (options: TokenOptions, given = audience) =>
  verify(await issuer.token(given, options));
const claims = (given: Record<string, unknown>) => verifyWith({ claims: given });

const facts = {
  ...{ repository: 'acme/app', repository_id: '4711', repository_owner_id: '11', run_id: '900' },
  ...{ run_attempt: 1, event_name: 'push', ref: 'refs/heads/main', sha: '1'.repeat(40) },
};

test('a token of GitHub proves its claims, and has an id', async () => {
  expect(await claims({ jti: 'once' })).toEqual({ jti: 'once', facts: { ...facts, workflow: 'app tests' } });
});

test('claims that not every event has are there where GitHub says them', async () => {
  const more = { workflow: 'w', base_ref: 'main', check_run_id: '77' };
  expect((await claims(more)).facts).toEqual({ ...facts, ...more });
  expect((await claims({ workflow: '', base_ref: '', check_run_id: undefined })).facts).toEqual(facts);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    'another issuer',
    { iss: 'https://evil.example' },
    'its issuer is not ISSUER; QGJOB_OIDC_ISSUER of the server says which one it trusts',
  ],
  ['no end', { exp: undefined }, 'its claim exp is missing or wrong'],
  ['no id', { jti: undefined }, 'its claim jti is missing or wrong'],
  ['no time', { iat: undefined }, 'its claim iat is missing or wrong'],
  ['a time in words', { iat: 'now' }, 'its claim iat is missing or wrong'],
  ['an end that is over', { exp: second - 61 }, `it has expired; ${clock}`],
  ['a beginning to come', { nbf: second + 61 }, `it is not good yet; ${clock}`],
  [
    'an age of more than ten minutes',
    { iat: second - 661 },
    `it was made more than ten minutes ago; ${clock}`,
  ],
  ['a time to come', { iat: second + 61 }, `it was made in the future; ${clock}`],
])('a token with %s is refused', async (_what, given, why) => {
  await expect(claims(given)).rejects.toMatchObject({
    code: 'unauthorized',
    message: `GitHub's OIDC token is refused: ${why.replace('ISSUER', issuer.url)}`,
  });
});

test('clocks may differ by a minute', async () => {
  await claims({ exp: second - 59 });
  await claims({ nbf: second + 60 });
  await claims({ iat: second - 660 });
});

const takes = `and this server takes ${audience} alone: set the input oidc-audience to that, or QGJOB_PUBLIC_URL of the server to its address`;
test.each<[string, unknown, string]>([
  ['another audience', 'https://github.com/acme', `its audience is "https://github.com/acme", ${takes}`],
  ['an audience of 200 characters', 'x'.repeat(200), `its audience is "${'x'.repeat(99)}…", ${takes}`],
  ['a list of audiences with ours', [audience, 'other'], `its audience is a list or missing, ${takes}`],
  ['ours as a list', [audience], `its audience is a list or missing, ${takes}`],
  ['no audience', undefined, `its audience is a list or missing, ${takes}`],
])('a token with %s is refused', async (_what, aud, why) => {
  await expect(claims({ aud })).rejects.toMatchObject({
    message: `GitHub's OIDC token is refused: ${why}`,
  });
});

test.each<[string, TokenOptions, string]>([
  ['by a shared secret', { header: { alg: 'HS256' }, key: new Uint8Array(32) }, 'it is not signed by RS256'],
  [
    'by a key that is unknown',
    { header: { kid: 'other' } },
    'ISSUER has no such key; is QGJOB_OIDC_ISSUER of the server right?',
  ],
])('a token signed %s is refused', async (_what, options, why) => {
  await expect(verifyWith(options)).rejects.toMatchObject({
    code: 'unauthorized',
    message: `GitHub's OIDC token is refused: ${why.replace('ISSUER', issuer.url)}`,
  });
});

test('a token whose claims were changed after it was signed is refused, and so is what is none', async () => {
  const [head, , mac] = (await issuer.token(audience)).split('.');
  const [, body] = (await issuer.token(audience, { claims: { repository_id: '1' } })).split('.');
  await expect(verify(`${head}.${body}.${mac}`)).rejects.toThrow(/refused: its signature is wrong$/);
  await expect(verify('a.b')).rejects.toThrow(/refused: it is no signed JSON Web Token$/);
});

test.each<[string, unknown]>([
  ['jti', ''],
  ['jti', 'x'.repeat(201)],
  ['repository', ''],
  ['repository', 'x'.repeat(201)],
  ['repository', 'acme/app\n'],
  ['repository', 'acme/\u202eapp'],
  ['repository_id', '0'],
  ['repository_id', 4711],
  ['repository_owner_id', undefined],
  ['run_id', '9e3'],
  ['run_attempt', '0'],
  ['run_attempt', '1234567890'],
  ['run_attempt', '1x'],
  ['run_attempt', 'x1'],
  ['event_name', 'Push!'],
  ['ref', 'x'.repeat(501)],
  ['sha', '1'.repeat(39)],
  ['sha', '1'.repeat(65)],
  ['sha', `z${'1'.repeat(40)}`],
  ['workflow', 'x'.repeat(501)],
  ['base_ref', 'x'.repeat(501)],
  ['check_run_id', '1'.repeat(31)],
])("a claim %s that is %j is none of GitHub's", async (claim, value) => {
  await expect(claims({ [claim]: value })).rejects.toThrow(
    `GitHub's OIDC token is refused: its claim ${claim} is missing or not one of GitHub's`,
  );
});

test('claims may be as long as GitHub makes them', async () => {
  const long = {
    repository: 'x'.repeat(200),
    ref: 'x'.repeat(500),
    sha: 'a'.repeat(64),
    jti: 'x'.repeat(200),
  };
  const more = { run_attempt: '123456789', workflow: 'x'.repeat(500), base_ref: 'x'.repeat(500) };
  expect((await claims({ ...long, ...more, check_run_id: '1'.repeat(30) })).facts.run_attempt).toBe(
    123456789,
  );
});

test('while the keys cannot be read it is not the fault of the token', async () => {
  const none = new OidcKeys({ issuer: 'http://127.0.0.1:1', now: () => now });
  const verified = verifyOidc(await issuer.token(audience), none, {
    issuer: issuer.url,
    audience,
    now: () => now,
  });
  await expect(verified).rejects.toMatchObject({ code: 'unavailable' });
});
