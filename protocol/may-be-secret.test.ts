import { expect, test } from 'vitest';
import { mayBeSecret } from './may-be-secret.ts';

test.each([
  ...[
    'PASSWORD',
    'API_TOKEN',
    'TOKEN_ADMIN',
    'SECRET_1',
    'userPasswordOld',
    'PGPASSWORD',
    'API_KEY_2',
    'apikey',
  ],
  ...[
    'AUTH_HEADER',
    'oauthClient',
    'LOGIN_PIN',
    'KEY_FILE',
    'signingKeyV2',
    'SESSION_ID',
    'DB_DSN_RO',
    'otpSeed',
  ],
  ...['STORE_CREDENTIALS_JSON', 'private_part', 'PASS_OF_ANA', 'CLIENT_CERT'],
  ...['apikeyOfAna', 'AUTHORIZATION'],
])('a param named %s is withheld', (name) => {
  expect(mayBeSecret(name, 'x')).toBe(true);
});

test.each([
  ...[
    'NAME',
    'BASE_URL',
    'LOCALE',
    'USER',
    'MONKEY_TEST',
    'COMPASS',
    'AUTHOR',
    'authors',
    'pattern',
    'BUILD',
  ],
  ...['SPINNER', 'keyboard', 'COUNT'],
])('a param named %s is not', (name) => {
  expect(mayBeSecret(name, 'ana')).toBe(false);
});

test.each([
  ...['Bearer abc', 'Authorization: Basic YTpi', 'eyJhbGciOi.eyJzdWIi.x', 'ghp_a1', 'ghs_a1', 'github_pat_1'],
  ...[
    'qgj_sub_acme_x1',
    'glpat-x',
    'xoxb-1',
    'sk_live_1',
    'AKIAIOSFODNN7EXAMPLE',
    'https://ana:pw@example.org/',
  ],
  ...[
    'https://ghtoken@example.org/',
    'https://example.org/?access_token=x',
    'https://a.example/f?sv=1&sig=x',
  ],
  ...['Basic  x', 'password = x', 'pk_test_1', 'rk-ant_1', 'shpat_1', 'SG.x', 'ya29.x'],
  ...['Server=db;Password=hunter22;', '{"apiKey": "x"}', '-----BEGIN PRIVATE KEY-----\nx'],
  ...['0f9b2c4d6e8a0f9b2c4d6e8a0f9b2c4d', 'c2VjcmV0IG9mIGFuYSB0aGF0IGlzIGxvbmcx'],
])('a value like %s is withheld, whatever its name is', (value) => {
  expect(mayBeSecret('VALUE', value)).toBe(true);
});

test.each([
  ...['ana', 'ana@example.org', 'https://shop.example/checkout?step=2&lang=en', 'de-DE', '12', 'true'],
  ...['a sentence of several words that a person has typed, 2 lines long', '2026-01-01T00:00:00Z', 'a: b'],
  ...['commit 0f9b2c4d6e8a0f9b2c4d6e8a0f9b2c4d', '0f9b2c4d6e8a0f9b2c4d6e8a0f9b2c4d is it'],
  ...['a'.repeat(40), '1'.repeat(40)],
])('a value like %s is not', (value) => {
  expect(mayBeSecret('VALUE', value)).toBe(false);
});
