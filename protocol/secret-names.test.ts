import { expect, test } from 'vitest';
import { isSecretName, isSecretVariable, wordsOf } from './secret-names.ts';

test.each([
  ...[
    'KEY',
    'KEYS',
    'DSN',
    'COOKIE',
    'COOKIES',
    'CREDENTIAL',
    'CREDENTIALS',
    'connection  string',
    'access key',
  ],
  ...['SSHPASS', 'db_pwd', 'apiKeys', 'shared.access-key'],
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(['KEY_FILE', 'A_PWD_B', 'PWD', 'MYSSHPASS', 'SSHPASSES', 'MONKEY', 'PASSWORDS_OF', 'DSNX'])(
  '%s names none',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

test.each([
  ['APIKey2_old', ['API', 'Key', 'old']],
  ['lower', ['lower']],
  ['_1_', []],
])('the words of %s are %j', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

const words = ['TOKEN', 'SECRET', 'PASSWORD', 'APIKEY', 'KEY', 'CREDENTIAL', 'COOKIE'];
test.each(words.flatMap((word) => [`${word}_X`, `${word}S_X`]))('a variable %s is masked', (name) => {
  expect(isSecretVariable(name)).toBe(true);
});

test.each([
  ['a word that says what is about the secret, and no last one', 'TOKEN_FILE_PROD', true],
  ['a last word that only ends like one that does', 'TOKEN_CURL', true],
  ['a last word that only begins like one that does', 'TOKEN_URLS', true],
  ['a desktop in its middle', 'MY_KDE_TOKEN', true],
  ['a folder at its beginning', 'PWD_TOKEN', true],
  ['the session of a desktop', 'GDMSESSION_TOKEN', false],
  ['a webhook', 'SLACK_WEBHOOK', true],
  ['webhooks, of which it holds the number', 'WEBHOOKS_COUNT', false],
  ['a word that ends like a webhook', 'NOWEBHOOK_X', false],
  ['a secret name and a last word about it', 'AUTH_TOKEN_TTL', false],
])('of a variable whose name has %s', (_what, name, isMasked) => {
  expect(isSecretVariable(name)).toBe(isMasked);
});
