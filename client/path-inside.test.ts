import { win32 } from 'node:path';
import { expect, test } from 'vitest';
import { pathInside } from './path-inside.ts';

test.each([
  ['/a/b', ''],
  ['/a/b/', ''],
  ['/a/b/c.ts', 'c.ts'],
  ['/a/b/c/../d/e.ts', 'd/e.ts'],
  ['/a/b/..c/d.ts', '..c/d.ts'],
  ['/a/b/...', '...'],
  ['/a', undefined],
  ['/a/bc/d.ts', undefined],
  ['/a/b/../bc', undefined],
  ['/etc/passwd', undefined],
])('from /a/b to %s: %j', (path, way) => {
  expect(pathInside('/a/b', path)).toBe(way);
});

test.each([
  ['D:\\a\\app', ''],
  ['d:\\a\\app\\', ''],
  ['D:\\a\\app\\tests\\a.ts', 'tests\\a.ts'],
  ['D:/a/app/tests/a.ts', 'tests\\a.ts'],
  ['D:\\a\\app-2\\a.ts', undefined],
  ['D:\\a', undefined],
  ['C:\\a\\app\\a.ts', undefined],
  ['\\\\host\\share\\a.ts', undefined],
])('on Windows from D:\\a\\app to %s: %j', (path, way) => {
  expect(pathInside('D:\\a\\app', path, win32)).toBe(way);
});
