import { expect, test } from 'vitest';
import { describeError, describeTest } from './failures.ts';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

test('a failing test shows the first 6 lines that say something', () => {
  const message = lines(7).join('\n\n');
  const shown = describeTest({ name: 'adds up', status: 'failed', duration_ms: 1, line: 3, message }, '  ');
  expect(shown).toEqual(['  adds up (line 3)', ...lines(6).map((line) => `    ${line}`)]);
});

test('an error shows its first line and the last 5', () => {
  expect(describeError(lines(9).join('\n'), '')).toEqual(['line 1', ...lines(9).slice(-5)]);
  expect(describeError(lines(2).join('\n'), ' ')).toEqual([' line 1', ' line 2']);
});
