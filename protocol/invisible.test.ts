import { expect, test } from 'vitest';
import { dropInvisible, invisibleRanges } from './invisible.ts';

test('what Unicode has programs ignore is in the list, and no character that is seen', () => {
  const listed = new Set<number>();
  for (const [first, last] of invisibleRanges) for (let one = first; one <= last; one += 1) listed.add(one);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code === 0xd800) code = 0xe000;
    const char = String.fromCodePoint(code);
    const isIgnored = /\p{Default_Ignorable_Code_Point}/u.test(char);
    if (isIgnored && !listed.has(code)) missing.push(code.toString(16));
    if (!isIgnored && listed.has(code)) wrong.push(code.toString(16));
  }
  // Marks of annotations, which no font shows either.
  expect({ missing, wrong }).toEqual({ missing: [], wrong: ['fff9', 'fffa', 'fffb'] });
});

test.each([
  ['a blank without a width', 'log\u200bin'],
  ['a mark of the order of bytes', 'log\ufeffin'],
  ['a soft hyphen', 'log\u00adin'],
  ['a word joiner', 'log\u2060in'],
  ['a tag', 'log\u{e0020}in'],
  ['a filler', 'log\u3164in'],
  ['a joiner between letters that none joins', 'log\u200din'],
  ['a variation of a letter', 'log\ufe0fin'],
])('%s between letters is left out', (_what, text) => {
  expect(dropInvisible(text)).toBe('login');
});

test.each(['👩‍💻', '❤️', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'می‌خواهم', 'क्‍ष', 'a', '日本 🙂'])('%s stays as it is', (text) => {
  expect(dropInvisible(text)).toBe(text);
});
