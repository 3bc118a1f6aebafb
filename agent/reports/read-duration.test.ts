import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDuration } from './read-duration.ts';

const times: [written: string, ms: number][] = [
  ['1', 1000],
  ['0.5', 500],
  ['.5', 500],
  ['5.', 5000],
  ['1.2e-3', 1],
  ['1E2', 100_000],
  // A decimal comma, and thousands of several countries.
  ['0,123', 123],
  ['12,5', 12_500],
  ['1,234', 1234],
  ['1.234', 1234],
  ['1,234.5', 1_234_500],
  ['1.234,56', 1_234_560],
  ['1 234,5', 1_234_500],
  ['1\u00a0234,5', 1_234_500],
  ['1\u202f234.5', 1_234_500],
  ["1'234.5", 1_234_500],
  ['1,234,567', 1_234_567_000],
  ['1.234.567', 1_234_567_000],
  ['1,234,567.25', 1_234_567_250],
  // Clocks.
  ['0:00:00.693097', 693],
  ['00:01:02', 62_000],
  ['01:02', 62_000],
  ['1:02:03,5', 3_723_500],
  ['1.02:03:04', 93_784_000],
  // Units.
  ['1.5s', 1500],
  ['250ms', 250],
  ['250 ms', 250],
  ['1m 3s', 63_000],
  ['1m3.5s', 63_500],
  ['2 min', 120_000],
  ['1h2m', 3_720_000],
  ['1500µs', 2],
  ['1,5 seconds', 1500],
  ['PT1.5S', 1500],
  ['PT1H2M3S', 3_723_000],
  ['P1DT1S', 86_401_000],
  [' 2.5 ', 2500],
];
test.each(times)('%s is %d ms', (written, ms) => {
  expect(readDuration(written)).toBe(ms);
});

test.each([
  ...[
    '',
    ' ',
    'NaN',
    'Infinity',
    '-1',
    '-0:00:01',
    '18446744073709.551615',
    '1e20',
    '1e-400',
    'fast',
    '1.2.3,4,5',
    '0x10',
  ],
  ...['1 2', '1s2x', '::', 'P', '--1', '9'.repeat(5000), '1,234,56,7e999'],
])('%s costs its number, not its test', (written) => {
  expect(readDuration(written)).toBe(0);
});

test('whatever is written, it is a whole number of at most 30 days', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.,: 'eEsmhPTdu]{0,20}$/), fc.double().map(String)),
      (written) => {
        const ms = readDuration(written);
        expect(Number.isSafeInteger(ms) && ms >= 0 && ms <= 30 * 24 * 3_600_000).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
