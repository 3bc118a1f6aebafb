import { expect, test } from 'vitest';
import { endOfFlags } from './end-of-flags.ts';

const now = Date.parse('2026-11-30T12:00:00Z');

test.each([
  [{ for: 14 * 86_400_000 }, '2026-12-14T12:00:00.000Z'],
  [{ until: '2026-12-24' }, '2026-12-24T00:00:00.000Z'],
  [{ until: '2026-12-24T18:00Z' }, '2026-12-24T18:00:00.000Z'],
  [{ until: '2026-12-24T18:00:00+01:00' }, '2026-12-24T17:00:00.000Z'],
])('%j ends at %s', (flags, end) => {
  expect(endOfFlags(flags, now)).toBe(end);
});

test.each([
  [{}],
  [{ until: '2026-12-24', for: 1000 }],
  [{ until: 'tomorrow' }],
  [{ until: '2026-02-30' }],
  [{ until: '2026-12-24T25:00Z' }],
  [{ until: '2026-12-24T18:00' }],
])('%j is refused', (flags) => {
  expect(() => endOfFlags(flags, now)).toThrow(expect.objectContaining({ code: 'invalid' }));
});
