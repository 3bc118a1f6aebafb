import { expect, test } from 'vitest';
import { failEachCall, faults } from '../../test/support/github/checks-lab.ts';

const targets = Array.from({ length: 40 }, (_, n) => `device/p${n}`);

test.each(faults)(
  'of 40 check runs none is twice or without its verdict, where the n-th call %s, for every n',
  { timeout: 1_200_000 },
  async (_, answer, done) => {
    const calls = await failEachCall(targets, answer, done, ({ github }) => {
      expect(new Set(github.checks.map(({ name }) => name)).size).toBe(40);
      expect(github.checks).toHaveLength(40);
      expect(new Set(github.checks.map(({ conclusion }) => conclusion))).toEqual(new Set(['cancelled']));
      expect(github.problems).toEqual([]);
    });
    expect(calls).toBeGreaterThan(120);
  },
);
