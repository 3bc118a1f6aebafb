import { expect, test } from 'vitest';
import { collectSecrets } from './secrets.ts';

test('the token, secret variables and the redact list are secrets; short values and other variables are not', () => {
  const host = {
    GH_TOKEN: 'gh-123456',
    DB_PASSWORD: 'hunter22',
    SOME_KEY: 'abc',
    PATH: '/usr/bin',
    PIN: '424242',
  };
  expect(collectSecrets(host, ['$PIN', 'literal-1', '$NOT_SET'], 'the-token')).toEqual([
    'the-token',
    'gh-123456',
    'hunter22',
    '424242',
    'literal-1',
    '$NOT_SET',
  ]);
});

const value = 'a-value-1';
const secretNames = [
  ...[
    'TOKEN',
    'SECRET',
    'PASSWORD',
    'NPM_TOKEN',
    'npm_config__authToken',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
  ],
  ...[
    'GITHUB_PAT',
    'Github_Pat',
    'SENTRY_DSN',
    'REGISTRY_AUTH',
    'GCP_CREDENTIALS',
    'DB_PASS',
    'DB_PWD',
    'ApiKey',
  ],
  ...['AZURE_STORAGE_CONNECTION_STRING', 'SIGNING_PASSPHRASE', 'SECRET_KEY_BASE'],
];
test.each(secretNames)('the value of %s is a secret', (name) => {
  expect(collectSecrets({ [name]: value }, [], '')).toEqual([value]);
});

test.each([
  'PATH',
  'PWD',
  'OLDPWD',
  'AUTHOR',
  'KEYBOARD',
  'TOKENIZER',
  'SSH_AUTH_SOCK',
  'PASSENGER',
  'PATTERN',
])('the value of %s is none', (name) => {
  expect(collectSecrets({ [name]: value }, [], '')).toEqual([]);
});

test.each([
  ['a path of this host', import.meta.filename, []],
  ['a path that is not here', '/no/such/file', ['/no/such/file']],
  ['the word of a switch', 'disabled', []],
  ['parts', 'Server=db;User=me;Password=hunter22;', ['Server=db;User=me;Password=hunter22;', 'hunter22']],
])('of a secret variable that holds %s', (_what, held, secrets) => {
  expect(collectSecrets({ SOME_KEY: held }, [], '')).toEqual(secrets);
});

test.each([
  ['postgres://app:hunter22@db:5432/x', ['hunter22']],
  ['postgres://app:p%40ssword@db/x', ['p%40ssword', 'p@ssword']],
  ['amqp://app:a@b:c1@host', ['a@b:c1']],
  ['https://ghp_0123456789abcdef@github.com/x', ['ghp_0123456789abcdef']],
  ['postgres://postgres:postgres@localhost', []],
  ['https://example.org/a@b', []],
  ['ssh://git@github.com', []],
])('of the address %s in any variable, the password is a secret', (url, secrets) => {
  expect(collectSecrets({ DATABASE_URL: url }, [], '')).toEqual(secrets);
});
