import { expect, test } from 'vitest';
import { BytesHeld } from './bytes-held.ts';

test('a caller who takes nothing of large answers gets no more of them, until one has gone out', () => {
  const held = new BytesHeld(100);
  const ends = [held.hold('acme', 60), held.hold('acme', 40)];
  expect(() => held.hold('acme', 1)).toThrow(/100 bytes of answers wait for acme/);
  held.hold('rival', 100);
  ends[0]?.();
  held.hold('acme', 60);
  expect(() => held.hold('acme', 1)).toThrow();
});

test('one answer that is larger than the limit is let through', () => {
  const held = new BytesHeld(100);
  const end = held.hold('acme', 1000);
  expect(() => held.hold('acme', 1)).toThrow();
  end();
  held.hold('acme', 1000);
});
