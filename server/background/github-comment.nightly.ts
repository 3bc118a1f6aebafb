import { expect, test } from 'vitest';
import { readSections } from '../../report/sections.ts';
import { faults } from '../../test/support/github/checks-lab.ts';
import { failEachCommentCall } from '../../test/support/github/comment-lab.ts';

const legs = Array.from({ length: 5 }, (_, n) => `leg ${n}`);

test.each(faults)(
  'of five legs none is without its section, and no comment is twice, where the n-th call %s, for every n',
  { timeout: 1_200_000 },
  async (_, answer, done) => {
    const calls = await failEachCommentCall(legs, answer, done, (lab) => {
      expect(readSections(lab.body()).map(({ result }) => result)).toEqual([
        ...['failed', 'failed', 'failed'],
        ...['passed', 'passed'],
      ]);
      expect(lab.github.checks.every(({ conclusion }) => conclusion !== undefined)).toBe(true);
      expect(lab.github.problems).toEqual([]);
    });
    expect(calls).toBeGreaterThan(30);
  },
);
