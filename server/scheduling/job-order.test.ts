import { expect, test } from 'vitest';
import { sortKeyOf } from './job-order.ts';

const passed = { failedAt: null, isKnown: true, estimateMs: 1000 };

test('what failed last goes first, then what is new, then the longest', () => {
  const tests = {
    'failed long ago': { ...passed, failedAt: 1_700_000_000_000 },
    'failed just now': { ...passed, failedAt: 1_800_000_000_000, estimateMs: 1 },
    new: { failedAt: null, isKnown: false, estimateMs: 10_000 },
    short: { ...passed, estimateMs: 1 },
    long: { ...passed, estimateMs: 86_400_000 },
    'longer than can be': { ...passed, estimateMs: Number.MAX_SAFE_INTEGER },
    middle: passed,
  };
  const names = Object.entries(tests).sort(([, a], [, b]) => sortKeyOf(a) - sortKeyOf(b));
  expect(names.map(([name]) => name)).toEqual([
    ...['failed just now', 'failed long ago', 'new'],
    ...['longer than can be', 'long', 'middle', 'short'],
  ]);
  for (const one of Object.values(tests)) expect(sortKeyOf(one)).toSatisfy(Number.isSafeInteger);
});
