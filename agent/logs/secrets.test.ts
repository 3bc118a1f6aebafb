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

test('the redact list names variables by a $ before them alone; one that is not set is no secret', () => {
  const host = { NICK: 'nick-value', API_TOKEN: undefined };
  expect(collectSecrets(host, ['$NICK', 'NICKS$'], '')).toEqual(['nick-value', 'NICKS$']);
  expect(collectSecrets(host, ['-NICK', 'literal-1'], '')).toEqual(['literal-1']);
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
  ...['API_KEY_STAGING', 'TOKEN_PROD', 'PASSWORD_2', 'VAULT_SECRET_ID', 'SSHPASS', 'FASTLANE_SESSION'],
  ...['SLACK_WEBHOOK_URL', 'SITE_COOKIE', 'REDIS_CONNECTION', 'KEYSTORE_BASE64', 'SUPPLY_JSON_KEY_DATA'],
  ...['GCP_CREDENTIALS_JSON', 'accessKey', 'myApp.secretKey'],
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
  'TOKEN_URL',
  'KEY_FILE',
  'SESSION_TIMEOUT',
  'XDG_SESSION_DESKTOP',
  'DESKTOP_SESSION',
  'MONKEY_TEST',
  'COMPASS',
])('the value of %s is none', (name) => {
  expect(collectSecrets({ [name]: value }, [], '')).toEqual([]);
});

test.each([
  ['a path of this host', import.meta.filename, []],
  ['a path that is not here', '/no/such/file', ['/no/such/file']],
  ['the word of a switch', 'disabled', []],
  ['more than the word of a switch', 'disabled-1', ['disabled-1']],
  ['a word that ends like one', 'un-disabled', ['un-disabled']],
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
  ['https://example.org:8080/a@b', []],
  ['https://ghp_0123456789abcdef:@github.com', ['ghp_0123456789abcdef']],
  ['https://ghp_0123456789abcdef:x-oauth-basic@github.com', ['x-oauth-basic', 'ghp_0123456789abcdef']],
  ['https://u:pa/ss?wd@h', ['pa/ss?wd']],
  ['postgresql://h/db?user=a&password=hunter22', ['hunter22']],
  ['jdbc:postgresql://h/db?user=a&password=hunter%2522', ['hunter%2522', 'hunter%22']],
  ['jdbc:sqlserver://h;user=a;password=hunter22;ssl=1', ['hunter22']],
  ['u:hunter22@tcp(h:3306)/db', ['hunter22']],
  ["host=h password='hunter22' dbname=x", ["'hunter22'", 'hunter22']],
  ['AccountName=a;AccountKey=abc123==;Endpoint=x', ['abc123==']],
  ['Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=abc123=', ['abc123=']],
])('of the address %s in any variable, the password is a secret', (url, secrets) => {
  expect(collectSecrets({ DATABASE_URL: url }, [], '')).toEqual(secrets);
});

const account = {
  type: 'service_account',
  project_id: 'my-project',
  private_key: 'MIIEvQ\nabcdef',
  auth_uri: 'https://x',
};
test.each([
  ['JSON', JSON.stringify(account)],
  ['JSON in base64', Buffer.from(JSON.stringify(account)).toString('base64')],
])('what %s in any variable says under a secret name is a secret', (_what, value) => {
  expect(collectSecrets({ ACCOUNT: value }, [], '')).toEqual(['MIIEvQ\nabcdef']);
});

test('a JSON that nests without an end is no reason to fail', () => {
  expect(collectSecrets({ ACCOUNT: '['.repeat(500_000) }, [], '')).toEqual([]);
});

test.each([
  ['a token of GitHub', '//npm.pkg.github.com/:x=ghp_0123456789abcdef', 'ghp_0123456789abcdef'],
  ['a JSON web token', 'x=eyJhbGciOi.eyJzdWIi.x1-', 'eyJhbGciOi.eyJzdWIi.x1-'],
  ['a header', 'Authorization: Basic YTpiY2RlZg==', 'YTpiY2RlZg=='],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nabcdef', '-----BEGIN RSA PRIVATE KEY-----\nabcdef'],
])('%s in any variable is a secret', (_what, value, secret) => {
  expect(collectSecrets({ ANY: value }, [], '')).toEqual([secret]);
});

test.each([
  ['a commit', '0f9b2c4d6e8a0f9b2c4d6e8a0f9b2c4d0f9b2c4d'],
  ['a path with numbers', '/builds/of/runner/work/repo1/node_modules/x2'],
  ['a list of assignments', 'TERM=xterm-256color;LANG=de_DE.UTF-8'],
])('%s in any variable is none', (_what, value) => {
  expect(collectSecrets({ ANY: value }, [], '')).toEqual([]);
});
