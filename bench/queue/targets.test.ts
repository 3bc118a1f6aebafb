import { expect, test } from 'vitest';
import { quickSizes } from './options.ts';
import type { Measured } from './report.ts';
import { checkTargets } from './targets.ts';

const measured = (some: Partial<Measured>): Measured => ({
  started_at: '2026-01-01T00:00:00Z',
  minutes: 1,
  machine: {},
  sizes: quickSizes,
  sides: {},
  notes: [],
  rounds: [],
  disk: {},
  depth: {},
  polls: [],
  ...some,
});

const rounds = (ratios: readonly number[]) =>
  ratios.map((ratio) => ({ qgjob: { submits_per_s: 1000 * ratio }, floor: { submits_per_s: 1000 } }));

test('a target is met by the median of the rounds', () => {
  const [met] = checkTargets(measured({ rounds: rounds([0.9, 0.1, 0.5]) }));
  expect(met).toMatchObject({ target: '≥ 0.5', figure: 0.5, isMet: true, rounds: [0.9, 0.1, 0.5] });
  const [missed] = checkTargets(measured({ rounds: rounds([0.9, 0.1, 0.49]) }));
  expect(missed).toMatchObject({ figure: 0.49, isMet: false });
});

test('where less is better, more is a miss', () => {
  const [first, last] = [quickSizes.depths[0], quickSizes.depths.at(-1)];
  const depth = (p50: number) => ({
    [String(first)]: [{ p50_ms: 1, p99_ms: 2, takes: 10 }],
    [String(last)]: [{ p50_ms: p50, p99_ms: 2, takes: 10 }],
  });
  expect(checkTargets(measured({ depth: depth(1.5) }))).toMatchObject([{ target: '≤ 1.5', isMet: true }]);
  expect(checkTargets(measured({ depth: depth(1.6) }))).toMatchObject([{ figure: 1.6, isMet: false }]);
});

test('a target that was not measured has no result', () => {
  expect(checkTargets(measured({}))).toEqual([]);
});

test('a figure without a target is shown beside them', () => {
  const round = { qgjob: { drained_per_s: 10 }, 'graphile tuned': { drained_per_s: 20 } };
  expect(checkTargets(measured({ rounds: [round] }))).toEqual([
    { what: 'lease and finish, over graphile tuned', target: '', figure: 0.5, rounds: [0.5] },
  ]);
});

test('a durable peer behind the same HTTP is a target, one that may lose its last jobs a figure', () => {
  const round = {
    qgjob: { submits_per_s: 90, drained_per_s: 200 },
    'bullmq http': { submits_per_s: 100, drained_per_s: 100 },
    'bunqueue http': { submits_per_s: 100 },
  };
  expect(checkTargets(measured({ rounds: [round] }))).toEqual([
    expect.objectContaining({ what: 'submits, over bullmq http', target: '≥ 1', figure: 0.9, isMet: false }),
    { what: 'lease and finish, over bullmq http', target: '≥ 1', figure: 2, rounds: [2], isMet: true },
    { what: 'submits, over bunqueue http', target: '', figure: 0.9, rounds: [0.9] },
  ]);
});
