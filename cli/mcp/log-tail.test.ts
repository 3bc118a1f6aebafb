import { expect, test } from 'vitest';
import { logTail } from './log-tail.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('the last lines are answered, without colours', () => {
  expect(logTail(bytes('one\n\u001b[31mtwo\u001b[0m\nthree\n'), 2)).toBe('two\nthree');
  expect(logTail(bytes(''), 2)).toBe('');
});

test('no answer is longer than 16 kB, whatever the lines are', () => {
  const long = `${'😀'.repeat(100_000)}x`;
  for (const text of [long, `${long}\nend`, `${'x'.repeat(3000)}\n`.repeat(2000)]) {
    const tail = logTail(bytes(text), 1000);
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(16 * 1024);
    expect(tail.isWellFormed()).toBe(true);
    expect(text.trimEnd().endsWith(tail.slice(-3))).toBe(true);
  }
});
