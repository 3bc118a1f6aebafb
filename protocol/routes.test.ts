import { expect, test } from 'vitest';
import { fillPath } from './routes.ts';

test('what is filled in is one part of the path, whatever it holds', () => {
  expect(fillPath('/v1/jobs/:id/logs', { id: '../x?y#z%2e' })).toBe('/v1/jobs/..%2Fx%3Fy%23z%252e/logs');
});

test.each(['.', '..'])('"%s" is no id: it would make another path of it', (id) => {
  expect(() => fillPath('/v1/jobs/:id', { id })).toThrow(`"${id}" is no id`);
});
