import { expect, test } from 'vitest';
import { matchesPattern } from './match-pattern.ts';

test.each([
  ['', ''],
  ['main', 'main'],
  ['*', ''],
  ['*', 'any'],
  ['release/*', 'release/'],
  ['release/*', 'release/1.2'],
  ['*-ci', 'lab-ci'],
  ['a*b*c', 'abc'],
  ['a*b*c', 'a1b2c'],
  ['a*b*b*c', 'abbc'],
  ['a**c', 'ac'],
  ['*b*', 'abc'],
])('%s fits %s', (pattern, text) => {
  expect(matchesPattern(pattern, text)).toBe(true);
});

test.each([
  ['', 'a'],
  ['main', 'main2'],
  ['main', 'Main'],
  ['release/*', 'my-release/1'],
  ['release/*', 'release'],
  ['*-ci', 'lab-ci-2'],
  ['ab*ba', 'aba'],
  ['a*b*c', 'acb'],
  ['a*b*c', 'ac'],
  ['a*b*b*c', 'abc'],
  ['a*bc*bc', 'abc'],
  ['a*c*bc', 'abc'],
  ['.*', 'a'],
])('%s does not fit %s', (pattern, text) => {
  expect(matchesPattern(pattern, text)).toBe(false);
});

test('a pattern of many stars takes no long time', () => {
  expect(matchesPattern('a*'.repeat(50_000), 'a'.repeat(49_999))).toBe(false);
});
