import { expect, test } from 'vitest';
import { toQgjobError } from './github-error.ts';

const now = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;
const spent = (resetMs: number, more: object = {}) => ({
  message: 'API rate limit exceeded',
  status: 403,
  response: {
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(resetMs / 1000), ...more },
  },
});
const askedMs = (error: object) => toQgjobError(error, now).details?.retry_after_ms;

test('a limit lasts as long as GitHub says by its own clock, whatever that of the runner shows', () => {
  for (const offMs of [-5 * minute, 0, 5 * minute]) {
    const sent = now + offMs;
    expect(askedMs(spent(sent + 3000, { date: new Date(sent).toUTCString() }))).toBe(3000);
  }
});

test('without a date in the answer it lasts by the clock of the runner, and never less than nothing', () => {
  expect(askedMs(spent(now + 3000))).toBe(3000);
  expect(askedMs(spent(now - 3000))).toBe(0);
});

test('what GitHub asks for in seconds goes before that', () => {
  expect(askedMs(spent(now + 3000, { 'retry-after': '7' }))).toBe(7000);
});

test('a limit that names no time lasts a minute, and a 403 without one is no limit', () => {
  expect(askedMs({ message: 'secondary rate limit', status: 403, response: { headers: {} } })).toBe(minute);
  const refused = toQgjobError({ message: 'Resource not accessible', status: 403, response: {} }, now);
  expect(refused).toMatchObject({ code: 'forbidden' });
});

test('what is on the way to GitHub is told from the causes of an error', () => {
  const tunnel = new Error('Proxy response (407) !== 200 when HTTP Tunneling');
  const own = Object.assign(new Error('self-signed certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  for (const [cause, words, lasting] of [
    [tunnel, 'the proxy on the way answered 407', true],
    [own, 'set NODE_EXTRA_CA_CERTS to its file', true],
    [new Error('other side closed'), 'could not be reached: lost', undefined],
  ] as const) {
    const error = Object.assign(new Error('lost', { cause: new TypeError('fetch failed', { cause }) }), {
      status: 500,
    });
    expect(toQgjobError(error, now)).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(words),
    });
    expect(toQgjobError(error, now).details?.is_lasting).toBe(lasting);
  }
});
