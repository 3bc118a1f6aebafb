import { expect, test } from 'vitest';
import { auditSums } from './audit-figures.ts';

const told = { runs: 3, jobs: 10, passed: 8, failed: 1, errored: 0, cancelled: 1, flaky: 2 };

test('what clients were told is what the server sums up', () => {
  expect(auditSums(told, { ...told }, [])).toEqual([]);
  expect(auditSums(told, { ...told, passed: 7, errored: 1 }, [])).toHaveLength(2);
  expect(auditSums(told, { ...told, flaky: 1 }, [])).toHaveLength(1);
});

test('a run that nobody knows of is red, unless a submit without an answer has just that size', () => {
  const more = { ...told, runs: 4, passed: 12 };
  expect(auditSums(told, more, [])).toEqual(['1 runs with 4 jobs more are summed up than clients know of']);
  expect(auditSums(told, more, [5])).toHaveLength(1);
  expect(auditSums(told, more, [3, 1])).toHaveLength(1);
  expect(auditSums(told, more, [5, 4])).toEqual([]);
  expect(auditSums(told, { ...told }, [5, 4])).toEqual([]);
});
