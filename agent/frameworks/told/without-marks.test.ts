import { expect, test } from 'vitest';
import { WithoutMarks } from './without-marks.ts';

/** Texts, and `undefined` where an event stood. */
function left(...parts: readonly (string | undefined)[]): string {
  const seen: string[] = [];
  const output = new WithoutMarks((bytes) => seen.push(bytes.toString()));
  for (const part of parts)
    if (part === undefined) output.mark();
    else output.write(Buffer.from(part));
  output.end();
  return seen.join('');
}

test('nothing is left of the lines on which events stood', () => {
  expect(left('[0-0] one\n[0-0] ', undefined, '\n[0-0] two\n')).toBe('[0-0] one\n[0-0] two\n');
  expect(left('[0-0] ', undefined, '\n[0-0] ', undefined, '\n')).toBe('');
  expect(left(undefined, '\nend')).toBe('end');
});

test('all else stays, also what only begins like it', () => {
  expect(left('[0-0] ', 'one\n', '[0', '-0] two\n')).toBe('[0-0] one\n[0-0] two\n');
  expect(left('a [0-0] ')).toBe('a [0-0] ');
  expect(left('no line end', undefined, 'x\n\n')).toBe('no line endx\n\n');
});
