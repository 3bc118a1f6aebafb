import { expect, test } from 'vitest';
import { countMutants, scoreOf, sumOf } from './read-report.ts';

const mutants = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) });
const counts = countMutants({
  files: {
    'a.ts': mutants('Killed', 'Killed', 'Timeout', 'Survived'),
    'b.ts': mutants('NoCoverage', 'Killed', 'Ignored'),
  },
});

test('mutants of all files of a report are counted, without those that are ignored', () => {
  expect(counts).toEqual({ killed: 3, timeout: 1, survived: 1, noCoverage: 1 });
});

test('a mutant that no test reaches counts as one that survived', () => {
  expect(scoreOf(counts)).toBeCloseTo(100 * (4 / 6));
  expect(scoreOf(sumOf([counts, { killed: 6, timeout: 0, survived: 0, noCoverage: 0 }]))).toBeCloseTo(
    100 * (10 / 12),
  );
});

test('where nothing was mutated nothing was noticed', () => {
  expect(scoreOf(sumOf([]))).toBe(0);
});
