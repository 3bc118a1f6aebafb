import { expect, test } from 'vitest';
import { maskTokens } from './mask-tokens.ts';

test.each([
  ['/v1/runs/qgj_sub_0a1B-_z/logs', '/v1/runs/qgj_sub_***/logs'],
  ['qgj_op_a and qgj_abcdefgh_b', 'qgj_op_*** and qgj_abcdefgh_***'],
  ['qgj_red_', 'qgj_red_***'],
  ['qgj_ABC_x, qgj_run', 'qgj_ABC_x, qgj_run'],
])('of %s, %s is shown', (text, shown) => {
  expect(maskTokens(text)).toBe(shown);
});
