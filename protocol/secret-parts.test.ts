import { expect, test } from 'vitest';
import { secretParts } from './secret-parts.ts';

const partsOf = (value: string): string[] =>
  [...new Set(secretParts(value))].filter((part) => part !== '').sort();

test.each([
  ['a user of 16 characters', 'https://abcdefghijklmnop@h/x', ['abcdefghijklmnop']],
  ['a user of 15 characters', 'https://abcdefghijklmno@h/x', []],
  ['a short user and a password', 'https://ana:hunter22@h/x', ['hunter22']],
  ['a long user and a password', 'https://abcdefghijklmnop:hunter22@h', ['abcdefghijklmnop', 'hunter22']],
  ['a short user with a token in it', 'https://x.ghp_01234567@h', ['ghp_01234567', 'x.ghp_01234567']],
  ['a port of one digit and an @ in its path', 'https://example.org:8/abcdef@b', []],
  ['a password that no URL can have', 'postgres://u:p%zz@h', ['p%zz']],
  ["Go's driver", 'user:hunter22@tcp(h:3306)/db', ['hunter22']],
])('an address with %s', (_what, value, parts) => {
  expect(partsOf(value)).toEqual(parts);
});

test.each([
  ['a password with blanks', 'Server=db;Password=my hunter 22;', ['my', 'my hunter 22']],
  ['blanks around the sign', 'Server=db; Password = my hunter', ['my hunter']],
  ['a secret name without a value', 'host=h PASSWORDS', []],
  ['quotes inside of the value', `PASSWORD=a'bcdef'`, [`a'bcdef'`]],
  ['quotes around a part of the value', `PASSWORD='abc'def`, [`'abc'def`]],
  ['quotes of two kinds', `PASSWORD='abc"`, [`'abc"`]],
  ['other names', 'Server=db;User=ana', []],
])('assignments with %s', (_what, value, parts) => {
  expect(partsOf(value)).toEqual(parts);
});

/** An object so deep in objects, or in arrays. */
const nested = (depth: number, wrap: (inner: unknown) => unknown): string =>
  JSON.stringify(Array.from({ length: depth }).reduce(wrap, { token: 'abc-123' }));

test.each([
  ['after blanks', '\n {"token": "abc-123"}', ['abc-123']],
  ['beside nothing and numbers', '{"a": null, "b": 1, "token": "abc-123"}', ['abc-123']],
  ['in a list under a secret name', '{"tokens": ["abc-123"]}', ['abc-123']],
  ['under no name', '["abc-123"]', []],
  ['20 objects deep', nested(20, (a) => ({ a })), ['abc-123']],
  ['21 objects deep', nested(21, (a) => ({ a })), []],
  ['20 lists deep', nested(20, (a) => [a]), ['abc-123']],
  ['21 lists deep', nested(21, (a) => [a]), []],
  ['that is broken', '{"token": "abc-123"', []],
])('a text %s in JSON', (_what, value, parts) => {
  expect(partsOf(value)).toEqual(parts);
});

test('a JSON of a mebibyte is read, a longer one is not', () => {
  const head = '{"token": "abc-123", "pad": "';
  const padded = (length: number): string => `${head}${'x'.repeat(length - head.length - 2)}"}`;
  expect(partsOf(padded(1024 ** 2))).toEqual(['abc-123']);
  expect(partsOf(padded(1024 ** 2 + 1))).toEqual([]);
});

const inBase64 = (json: string): string => Buffer.from(json).toString('base64');

test.each([
  ['an object', inBase64('{"token": "abc-123"}')],
  ['an object over several lines', inBase64('{\n  "token": "abc-123"\n}')],
  ['a list', inBase64('["x", {"token": "abc-123"}]')],
  ['a list of objects', inBase64('[{"token": "abc-123"}]')],
  ['a list of lists', inBase64('[[{"token": "abc-123"}]]')],
  ['a list that begins with a number', inBase64('[1, {"token": "abc-123"}]')],
  ['a list that begins with nothing', inBase64('[null, {"token": "abc-123"}]')],
  ['a list over several lines', inBase64('[\n{"token": "abc-123"}]')],
  ['lines of base64', `\n ${inBase64('{"token": "abc-123"}').replace(/.{8}/g, '$&\n')}`],
])('%s in base64 is read', (_what, value) => {
  expect(partsOf(value)).toContain('abc-123');
});

test('what only begins like base64 of JSON is none', () => {
  expect(partsOf('eyJ0b2tlbiI6ImFiYy0xMjMifQ===')).toEqual([]);
});

test.each([
  ...['xoxb-0123456789', 'sk_live_01234567', 'pk-test-01234567', 'rk_proj_01234567', 'shpat_0123456789'],
  ...['glpat-01234567', 'npm_01234567', 'SG.01234567', 'ya29.01234567', 'eyJhbGciOi.eyJzdWIi'],
])('the token %s is found in a sentence', (token) => {
  expect(partsOf(`it is ${token}, says Ana`)).toEqual([token]);
});

test('a header with several blanks tells its token, and a short word is none', () => {
  expect(partsOf('Authorization: Bearer   abcdefgh12')).toEqual(['abcdefgh12']);
  expect(partsOf('a bearer of news')).toEqual([]);
});
