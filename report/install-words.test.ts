import { expect, test } from 'vitest';
import type { Run } from '../protocol/shapes/run.ts';
import { installWords } from './install-words.ts';

const words = (installs: number, saved: number, ms: number | null) =>
  installWords({ installs, installs_saved: saved, install_ms: ms } as Run);

test('the time that was saved is that of the measured installs', () => {
  expect(words(2, 10, 54_000)).toBe('2 installs, 10 saved (9 m 00 s)');
  expect(words(1, 0, 54_000)).toBe('1 install, 0 saved');
  expect(words(0, 3, 20_000)).toBe('0 installs, 3 saved (1 m 00 s)');
});

test('no time is told where no install was measured, and nothing where nothing is installed', () => {
  expect(words(1, 3, null)).toBe('1 install, 3 saved');
  expect(words(0, 12, null)).toBeUndefined();
  expect(words(0, 12, 4)).toBeUndefined();
});
