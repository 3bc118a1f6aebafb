import { expect, test } from 'vitest';
import { createMasks } from './masks.ts';

test('a text without a secret is the same text, one with a secret is masked', () => {
  const masks = createMasks(['secret-1']);
  const text = 'nothing in it';
  expect(masks.redact(text)).toBe(text);
  expect(masks.redact('a secret-1 b secret')).toBe('a [redacted] b secret');
});

test('of a text that was cut, what may begin a secret is left out at its end', () => {
  const masks = createMasks(['secret-1']);
  expect(masks.redact('a secret', true)).toBe('a ');
  expect(masks.redact('a secret-1 b', true)).toBe('a [redacted] b');
  expect(masks.redact('a secret')).toBe('a secret');
});

test('a secret that is added is masked until it is taken away, and the others stay', () => {
  const masks = createMasks(['secret-1']);
  const text = 'secret-1 secret-2 secret-3';
  const takeAway = masks.add('secret-2');
  expect(masks.redact(text)).toBe('[redacted] [redacted] secret-3');
  const takeLast = masks.add('secret-3');
  expect(masks.redact(text)).toBe('[redacted] [redacted] [redacted]');
  takeAway();
  expect(masks.redact(text)).toBe('[redacted] secret-2 [redacted]');
  takeAway();
  takeLast();
  expect(masks.redact(text)).toBe('[redacted] secret-2 secret-3');
});

test('a stream masks what was a secret when it was opened', () => {
  const masks = createMasks([]);
  const takeAway = masks.add('secret-1');
  const stream = masks.openStream();
  takeAway();
  expect(`${stream.write(Buffer.from('a secret-1'))}${stream.end()}`).toBe('a [redacted]');
});

test('in a file whose parts are found by where they are, a secret is as long as before', () => {
  const stream = createMasks(['secret-1']).openStream(true);
  expect(`${stream.write(Buffer.from('a secret-1 b'))}${stream.end()}`).toBe('a xxxxxxxx b');
});

test('a stream that has ended may be used for the next one', () => {
  const stream = createMasks(['secret-1']).openStream();
  const mask = (text: string) => `${stream.write(Buffer.from(text))}${stream.end()}`;
  expect(mask('a secret-1 secr')).toBe('a [redacted] secr');
  expect(mask('et-1 secret-1')).toBe('et-1 [redacted]');
});

test('it reaches as far as a secret does that is written in escapes of escapes, with a sequence inside', () => {
  const short = createMasks(['secret-1']).reach;
  expect(short).toBeGreaterThan(36 * 'secret-1'.length);
  // Each byte of the longest pattern may be an escape of six bytes, of which each is one of six again.
  expect(createMasks(['secret-1', 'x'.repeat(1000)]).reach).toBeGreaterThan(short + 36 * 900);
});
