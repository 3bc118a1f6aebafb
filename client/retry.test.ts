import { expect, test } from 'vitest';
import { QgjobError } from '../protocol/errors.ts';
import { isRetryable, mayMendItself, withRetry } from './retry.ts';

const away = (retryAfterMs?: number) =>
  new QgjobError('unavailable', 'away', {
    ...(retryAfterMs !== undefined && { details: { retry_after_ms: retryAfterMs } }),
  });

test('the delays begin at a quarter to half a second and double, and the last error is thrown', async () => {
  const errors = [away(), away(), new QgjobError('not_found', 'gone')];
  const delays: number[] = [];
  let calls = 0;
  const call = () => Promise.reject(errors[calls++] ?? new Error('called too often'));
  const rule = { forMs: 60_000, onRetry: (_: QgjobError, delay: number) => delays.push(delay) };
  await expect(withRetry(call, true, rule)).rejects.toBe(errors[2]);
  expect(delays).toHaveLength(2);
  expect(delays.map((delay, n) => delay >= 250 * 2 ** n && delay <= 500 * 2 ** n)).toEqual([true, true]);
});

test('a delay is never shorter than the server asks, and said before it is waited', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const said: number[] = [];
  const rule = {
    forMs: 60_000,
    onRetry(_: QgjobError, delay: number) {
      said.push(delay);
      controller.abort(reason);
    },
  };
  const call = () => Promise.reject(away(30_000));
  // An abort ends the wait at once and throws its own reason.
  await expect(withRetry(call, true, rule, controller.signal)).rejects.toBe(reason);
  expect(said).toEqual([30_000]);
});

test('what is not an error of the server or the network is thrown as it is', async () => {
  const reason = new Error('a bug');
  let calls = 0;
  const call = () => {
    calls += 1;
    return Promise.reject(reason);
  };
  await expect(withRetry(call, true, { forMs: 60_000 })).rejects.toBe(reason);
  expect(calls).toBe(1);
  expect(isRetryable(reason)).toBe(false);
});

test('a caller may say which errors are worth another try', async () => {
  const errors = [new QgjobError('conflict', 'busy'), away(), new QgjobError('internal', 'broken')];
  let calls = 0;
  const call = () => Promise.reject(errors[calls++] ?? new Error('called too often'));
  const isRetryable = (error: QgjobError) => error.code !== 'internal';
  await expect(withRetry(call, true, { forMs: 60_000, firstDelayMs: 1, isRetryable })).rejects.toBe(
    errors[2],
  );
});

test('an error that is waited out is tried again without end, another one as long as its time lasts', async () => {
  const errors = [away(), away(), away(), new QgjobError('internal', 'broken')];
  let calls = 0;
  const call = () => Promise.reject(errors[calls++] ?? new Error('called too often'));
  const isWaitedOut = (error: QgjobError) => error.code === 'unavailable';
  await expect(withRetry(call, true, { forMs: 0, firstDelayMs: 1, isWaitedOut })).rejects.toBe(errors[3]);
});

test('what a further try would meet again is no error that may mend itself, and is retryable all the same', () => {
  const wrong = new QgjobError('unavailable', 'wrong certificate', { details: { is_lasting: true } });
  expect([away(), wrong].map(mayMendItself)).toEqual([true, false]);
  expect([away(), wrong].map(isRetryable)).toEqual([true, true]);
});
