import { expect, test } from 'vitest';
import { EventSplitter } from './event-splitter.ts';

/** Splits the text, given in parts of `size` bytes: `<…>` for events, the rest as it is. */
function split(text: string, size: number): string {
  const seen: string[] = [];
  const splitter = new EventSplitter(
    'n1',
    (bytes) => void seen.push(bytes.toString('latin1')),
    (json) => void seen.push(`<${json}>`),
  );
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) splitter.write(all.subarray(at, at + size));
  splitter.end();
  return seen.join('');
}

const mark = '\u001b]qgjob;n1;';

test.each([
  ['output alone', 'hello', 'hello'],
  ['events between output, in their order', `a${mark}1\u0007b${mark}2\u0007c`, 'a<1>b<2>c'],
  ['events without output', `${mark}1\u0007${mark}2\u0007`, '<1><2>'],
  ['the beginning of a mark that is none', `a${mark.slice(0, -1)}x\u0007`, `a${mark.slice(0, -1)}x\u0007`],
  ['a mark of another process', 'a\u001b]qgjob;n2;1\u0007b', 'a\u001b]qgjob;n2;1\u0007b'],
  ['an event that is cut off', `a${mark}{"event`, `a${mark}{"event`],
  ['two beginnings of a mark', `\u001b\u001b]qg${mark}1\u0007`, '\u001b\u001b]qg<1>'],
])('%s, in parts of any size', (_what, text, seen) => {
  for (let size = 1; size <= text.length; size += 1) expect(split(text, size)).toBe(seen);
});
