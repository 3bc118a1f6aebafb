import { expect, test } from 'vitest';
import { type Finding, findingLines } from './finding-lines.ts';

const fine: Finding = { what: 'git', state: 'ok', says: 'git version 2.39.5' };
const flat: Finding = {
  what: 'pixel-8',
  state: 'problem',
  says: 'its battery is at 4 % (15 % needed)',
  cure: 'charge it',
};

test('each finding is a line, what to do stands below it, and the last line sums up', () => {
  expect(findingLines([fine, flat], undefined)).toEqual([
    '✓ git      git version 2.39.5',
    '✗ pixel-8  its battery is at 4 % (15 % needed)',
    '           → charge it',
    '',
    '1 thing keeps tests from running',
  ]);
  expect(findingLines([fine], undefined).at(-1)).toBe('ready: start it with `qgjob agent`');
});

test('what is fine is cut to the terminal, what is wrong is not', () => {
  const long = { ...fine, says: 'x'.repeat(200) };
  expect(findingLines([long], 80)[0]?.length).toBeLessThanOrEqual(80);
  expect(findingLines([{ ...flat, says: 'x'.repeat(200) }], 80)[0]).toContain('x'.repeat(200));
});
