import { expect, test } from 'vitest';
import { RefusedCalls } from './refused-calls.ts';

test('ten thousand bad calls of a thousand addresses make 101 lines, which count all of them', () => {
  const refused = new RefusedCalls(() => 0);
  for (let n = 0; n < 10_000; n += 1)
    refused.note({ address: `10.0.${n % 1000}`, requestId: 'r', route: 'GET /v1/runs' });
  const lines = refused.take({ isEnd: true });
  expect(lines).toHaveLength(101);
  expect(lines.reduce((sum, { detail }) => sum + Number(detail?.count), 0)).toBe(10_000);
  expect(lines.at(-1)?.by).toMatchObject({ address: 'others', tokenId: '' });
  expect(refused.take({ isEnd: true })).toEqual([]);
});

test('a line is taken once its minute is over, and the next minute has a line of its own', () => {
  let now = 30_000;
  const refused = new RefusedCalls(() => now);
  const note = () => refused.note({ address: '10.0.0.1', requestId: 'r', route: 'GET /v1/runs' });
  note();
  now = 59_999;
  expect(refused.take()).toEqual([]);
  now = 60_000;
  note();
  note();
  expect(refused.take().map(({ detail }) => detail?.count)).toEqual([1]);
  now = 120_000;
  expect(refused.take().map(({ detail }) => detail?.count)).toEqual([2]);
});
