import { expect, test } from 'vitest';
import { fillArgv } from './fill-argv.ts';

const values = {
  test: 'tests/a b;$(x).js',
  app: 'app.apk',
  device: 'emulator-1',
  artifacts: '/a',
  junit: '/j.xml',
};

const cases: [what: string, argv: string[], filled: string[]][] = [
  ['a value is one word, whatever is in it', ['run', '{test}'], ['run', 'tests/a b;$(x).js']],
  ['a value inside a word', ['--out={junit}'], ['--out=/j.xml']],
  ['several in one word', ['{device}:{app}'], ['emulator-1:app.apk']],
  ['other braces', ['{"a":1}', '{other}'], ['{"a":1}', '{other}']],
  ['no placeholder', ['run'], ['run']],
];

test.each(cases)('fills in: %s', (_what, argv, filled) => {
  expect(fillArgv(argv, values)).toEqual(filled);
});

test('a value that holds a placeholder is not filled in again', () => {
  expect(fillArgv(['{test}'], { ...values, test: '{app}' })).toEqual(['{app}']);
});

test('a value with $ patterns comes through as it is', () => {
  expect(fillArgv(['{test}'], { ...values, test: "$&$1$'" })).toEqual(["$&$1$'"]);
});

test('a test whose name starts with a dash cannot be an option', () => {
  expect(fillArgv(['run', '{test}'], { ...values, test: '--help' })).toEqual(['run', './--help']);
});

test('a placeholder without a value stays', () => {
  expect(fillArgv(['{test}'], { app: '', device: 'd', artifacts: '/a' })).toEqual(['{test}']);
});
