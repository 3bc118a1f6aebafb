import { expect, test } from 'vitest';
import { cutText } from '../protocol/clean-text.ts';
import { cleanLine, cleanLines } from './clean-lines.ts';

const gap = '\u200b';

test.each([
  ['a command at the start', '::error::x', `${gap}::error::x`],
  ['a command after white space', '  \u00a0::error::x', `  \u00a0${gap}::error::x`],
  ['a command of the older kind anywhere', 'a ##[error]b ##[c]', `a ##${gap}[error]b ##${gap}[c]`],
  ['a command that terminal codes hide', '\u001b[31m::error::x\u001b[0m', `${gap}::error::x`],
  ['a command that a control character hides', '#\u0000#[error]x', `##${gap}[error]x`],
  ['colons that are no command', 'std::vector', 'std::vector'],
  ['a text that turns around', 'a\u202eb\u2066c', 'abc'],
  ['a tab', 'a\tb', 'a  b'],
])('%s does nothing any more', (_, text, clean) => {
  expect(cleanLines(text)).toEqual([clean]);
});

test('every line end ends a line, the bare carriage return too', () => {
  expect(cleanLines('a\r::b\n::c\r\n::d\u2028::e')).toEqual([
    'a',
    ...['b', 'c', 'd', 'e'].map((x) => `${gap}::${x}`),
  ]);
});

test('a text becomes one line, cut where it is too long', () => {
  expect(cleanLine(' a\n\n  b\r\nc ')).toBe('a b c');
  expect(cleanLine('abcdef', 4)).toBe('abc…');
});

test('a cut never halves a character', () => {
  expect(cutText('ab😀cd', 4)).toBe('ab…');
  expect(cutText('abcd', 4)).toBe('abcd');
});
