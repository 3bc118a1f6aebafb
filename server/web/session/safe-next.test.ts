import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

test.each([
  '/',
  '/runs/run_1?tab=log&page=2',
  "/tests/a%20b/~c;d=1,e:f@g!$'()*+",
  `/${'x'.repeat(1000)}`,
  '/runs?next=/../x',
])('after the sign-in %s is gone on with', (next) => {
  expect(safeNext(next)).toBe(next);
});

test.each([
  undefined,
  '',
  'runs',
  '//evil.example',
  '/\\evil.example',
  'https://evil.example/',
  '/runs/../../x',
  '/..',
  '/%2e%2e/x',
  '/runs/.%2E/../x',
  '/runs\n',
  '/a b',
  'x/runs',
  `/${'x'.repeat(1001)}`,
])('in place of %j it is the front page', (next) => {
  expect(safeNext(next)).toBe('/');
});
