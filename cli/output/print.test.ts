import { expect, test } from 'vitest';
import { jsonLine } from './print.ts';

test('JSON on a terminal holds no control character, and is the same JSON', () => {
  const value = { text: `a\u001b[2J\u009b31m\u007f\nb` };
  const line = jsonLine(value);
  expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line)).toEqual(value);
});
