import { expect, test } from 'vitest';
import { createMasks } from '../logs/masks.ts';
import { OutputTail } from './output-tail.ts';

function tailOf(...parts: string[]): string {
  const tail = new OutputTail(createMasks(['secret-1']));
  for (const part of parts) tail.add(Buffer.from(part));
  return tail.lines(2);
}

test.each([
  ['nothing', [''], ''],
  ['the last lines', ['a\nb\nc\n'], 'b\nc'],
  ['lines that came in pieces', ['a\nb', 'b\nc'], 'bb\nc'],
  ['no empty lines, no colours', ['a\n\u001b[31mb\u001b[0m\r\n\n  \nc'], 'b\nc'],
  [
    'the error, not the frames of its stack',
    ['Error: no\n    at f (x.js:1:2)\n    at g (y.js:3:4)\n'],
    'Error: no',
  ],
] as const)('the tail is %s', (_what, parts, tail) => {
  expect(tailOf(...parts)).toBe(tail);
});

test('of an endless line it keeps the end', () => {
  expect(tailOf('x'.repeat(1_000_000), 'end').length).toBeLessThan(10_000);
  expect(tailOf('x'.repeat(1_000_000), 'end').endsWith('end')).toBe(true);
});

test('secrets are masked, also one that the cut went through', () => {
  expect(tailOf('a secr', 'et-1 b')).toBe('a [redacted] b');
  for (let at = 0; at < 12; at += 1) {
    const tail = tailOf('x'.repeat(20_000), 'secret-1', 'y'.repeat(8 * 1024 - at));
    expect(tail).not.toMatch(/secret|cret-|et-1|-1/);
  }
});
