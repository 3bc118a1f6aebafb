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
