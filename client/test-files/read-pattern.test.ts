import { posix, win32 } from 'node:path';
import { expect, test } from 'vitest';
import { toRelative } from './read-pattern.ts';

test.each([
  ['tests\\login.spec.ts', 'tests/login.spec.ts'],
  ['tests\\**\\*.spec.ts', 'tests/**/*.spec.ts'],
  ['tests/**/*.spec.ts', 'tests/**/*.spec.ts'],
  ['.\\tests\\..\\tests\\a.spec.ts\\', 'tests/a.spec.ts'],
  ['D:\\a\\app\\tests\\a.spec.ts', 'tests/a.spec.ts'],
  ['d:/a/app/tests/*.ts', 'tests/*.ts'],
  ['..\\other\\a.spec.ts', undefined],
  ['tests\\..\\..\\a.spec.ts', undefined],
  ['C:\\a\\app\\tests\\a.spec.ts', undefined],
  ['\\tests\\a.spec.ts', undefined],
  ['\\\\host\\share\\a.spec.ts', undefined],
])('on a Windows runner %s is %j of its checkout', (text, path) => {
  expect(toRelative('D:\\a\\app', text, win32)).toBe(path);
});

test('elsewhere a backslash is a part of the pattern', () => {
  expect(toRelative('/a/app', 'tests/\\[id\\].spec.ts', posix)).toBe('tests/\\[id\\].spec.ts');
});
