import { expect, test } from 'vitest';
import { BackOff, pause } from './handle-outage.ts';

const timing = { backOffMs: 1000, maxBackOffMs: 30_000 };

/** The longest pause that the n-th try may have. */
const caps = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];

test('pauses double up to a limit, each somewhere between a tenth and the whole', () => {
  const backOff = new BackOff(timing);
  for (const cap of caps) {
    const ms = backOff.nextMs();
    expect(ms).toBeGreaterThanOrEqual(cap / 10);
    expect(ms).toBeLessThanOrEqual(cap);
  }
});

test('the pauses of many agents spread out', () => {
  const first = Array.from({ length: 50 }, () => new BackOff(timing).nextMs());
  expect(new Set(first).size).toBeGreaterThan(40);
});

test('what the server asks for is the least', () => {
  expect(new BackOff(timing).nextMs(120_000)).toBe(120_000);
});

test('a success begins from the start', () => {
  const backOff = new BackOff(timing);
  for (const _ of caps) backOff.nextMs();
  backOff.refusals = 4;
  backOff.reset();
  expect(backOff.nextMs()).toBeLessThanOrEqual(1000);
  expect(backOff.refusals).toBe(0);
});

test('an abort ends a pause, and is no error', async () => {
  await expect(pause(3_600_000, AbortSignal.abort())).resolves.toBeUndefined();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40])(
  'a pause of %d ms is a long one, none that is over at once',
  async (ms) => {
    const over = new AbortController();
    let isOver = false;
    const paused = pause(ms, over.signal).then(() => {
      isOver = true;
    });
    // A timer that overflows fires before this one.
    await pause(20, new AbortController().signal);
    expect(isOver).toBe(false);
    over.abort();
    await paused;
  },
);
