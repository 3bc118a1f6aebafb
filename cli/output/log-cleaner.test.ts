import { expect, test } from 'vitest';
import { cleanLogLine, LogCleaner } from './log-cleaner.ts';

const red = '\u001b[31m';
const reset = '\u001b[0m';

test.each([
  ['colours stay and end with the line', `a ${red}b`, `a ${red}b${reset}`],
  ['nothing hides what comes after it', 'a\u001b[8mb\u001b[1;08;31mc', `ab\u001b[1;31mc${reset}`],
  [
    'a colour by its number is none that hides',
    '\u001b[38;5;8mb\u001b[48;2;8;8;8mc',
    `\u001b[38;5;8mb\u001b[48;2;8;8;8mc${reset}`,
  ],
  ['a plain line stays as it is', 'a\tb', 'a\tb'],
  ['titles, links and cursors go', '\u001b]8;;http://x\u001b\\a\u001b[2J\u001b[1;1Hb\u001b(Bc', 'abc'],
  ['an unfinished title swallows nothing', '\u001b]0;hidden text', '0;hidden text'],
  ['an unfinished sequence swallows nothing', 'a\u001b[12', 'a12'],
  ['a lone escape goes', 'a\u001b', 'a'],
  ['other controls go', 'a\u0000\u0008b\u009d', 'ab'],
])('in a log, %s', (_, line, cleaned) => {
  expect(cleanLogLine(line)).toBe(cleaned);
});

test('a log cleaned in any pieces is the log cleaned as a whole', () => {
  const bytes = Buffer.from(`one ${red}two\r\nthree\rfour 日本 \u001b]0;x\u0007end\nlast ${red}line`);
  const expected = `one ${red}two${reset}\nthree\nfour 日本 end\nlast ${red}line${reset}`;
  for (let size = 1; size <= bytes.length; size += 1) {
    const cleaner = new LogCleaner();
    let text = '';
    for (let at = 0; at < bytes.length; at += size) text += cleaner.push(bytes.subarray(at, at + size));
    expect(text + cleaner.end()).toBe(expected);
  }
});

test('a line without an escape is shown before it ends', () => {
  const cleaner = new LogCleaner();
  expect(cleaner.push(Buffer.from('....'))).toBe('....');
  expect(cleaner.push(Buffer.from(`${red}..`))).toBe('');
  expect(cleaner.push(Buffer.from('\n'))).toBe(`${red}..${reset}\n`);
});

const hostile = ['\u001b]', '\u001b[', '\u001b[1m', '\u009d', '\r', '\n', ' ', '&#27;', '<a>', 'x'];
test.each(hostile)('1 MB of %j in a log is cleaned in less than 50 ms for each piece of 64 KiB', (unit) => {
  const bytes = Buffer.from(unit.repeat(Math.ceil(1_000_000 / unit.length)));
  const cleaner = new LogCleaner();
  const spent: number[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const before = process.threadCpuUsage();
    cleaner.push(bytes.subarray(at, at + 65_536));
    const { user, system } = process.threadCpuUsage(before);
    spent.push((user + system) / 1000);
  }
  // Without the slowest piece, which may include a garbage collection.
  expect(spent.sort((a, b) => b - a)[1]).toBeLessThan(50);
});
