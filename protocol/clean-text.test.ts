import { describe, expect, test } from 'vitest';
import {
  cleanText,
  cutText,
  filledLines,
  isPlainName,
  isSeenName,
  oneLine,
  shortLine,
} from './clean-text.ts';

const esc = '\u001b';

describe('cleaned text', () => {
  test.each([
    ['a colour', `${esc}[31mred${esc}[0m`, 'red'],
    ['a colour by its C1 character', '\u009b31mred', 'red'],
    ['a title', `${esc}]0;title\u0007text`, 'text'],
    ['a link, ended by ESC \\', `${esc}]8;;http://x${esc}\\word${esc}]8;;${esc}\\`, 'word'],
    ['a title that is not ended', `${esc}]0;title`, '0;title'],
    ['a title that another sequence breaks off', `${esc}]0;a${esc}[1mb`, '0;ab'],
    ['a cursor move', `a${esc}7b`, 'ab'],
    ['a cursor that moves up', `a${esc}[2Ab`, 'ab'],
    ['a sequence of eight bits', 'a\u009b2Jb', 'ab'],
    ['a lone escape', `a${esc}`, 'a'],
    ['line ends of all kinds', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
    ['control characters', 'a\u0000\u0008\u007f\tb', 'a\tb'],
    ['marks that turn the direction of writing', 'a\u202eb\u2066c\u200f', 'abc'],
    ['half of a surrogate pair', 'a\ud83d', 'a\ufffd'],
    ['what shows nothing', 'hun\u200bter\ufeff22\u{e0041}', 'hunter22'],
    ['bells and backspaces', 'a\u0007\b\u007fb', 'ab'],
  ])('loses %s', (_what, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  test('keeps what everybody writes', () => {
    expect(cleanText('tab\tand ünïcode 日本 🙂')).toBe('tab\tand ünïcode 日本 🙂');
  });
});

test('a cut never leaves half of a character', () => {
  expect(cutText('ab😀', 4)).toBe('ab😀');
  expect(cutText('ab😀c', 4)).toBe('ab…');
  expect(cutText('abcde', 4)).toBe('abc…');
});

test('one line is one line', () => {
  expect(oneLine(' a  b\r\n\tc\u2028d\n\n')).toBe('a  b c d');
  expect(shortLine(' a  b\r\n\tc', 4)).toBe('a b…');
});

test('filled lines are those that say something', () => {
  expect(filledLines('\n  Error: x  \n\n at y\n')).toEqual(['  Error: x', ' at y']);
  expect(filledLines('abcdef', 4)).toEqual(['abc…']);
});

test('a plain name holds nothing that is not seen', () => {
  expect(isPlainName('tests/日本 🙂.spec.ts')).toBe(true);
  const others = ['a\u0000', 'a\nb', 'a\u2028b', 'a\u202eb', 'a\u061cb', 'a\ud83d'];
  expect(others.filter(isPlainName)).toEqual([]);
});

test('a name that looks like another one is no new name', () => {
  expect(['tests/login.spec.ts', 'tests/❤️ 👩‍💻/می‌خواهم.ts'].every(isSeenName)).toBe(true);
  const twins = [
    'login\u200b.spec.ts',
    '\ufefflogin.spec.ts',
    'log\u00adin',
    'a\u2060b',
    'a\u{e0020}',
    'a\u3164b',
  ];
  expect(twins.filter(isSeenName)).toEqual([]);
  // They may be on a server since before.
  expect(twins.every(isPlainName)).toBe(true);
});

const hostile = [
  ...[
    '\u001b]',
    '\u001b[',
    '\u001b[1;',
    '\u001b(',
    '\u001b',
    '\u009d',
    '\u0090',
    '\u009b',
    '\u009b1;',
    '\u0098x',
  ],
  ...['\u200b', 'a\u200d', '👩\u200d', '\u{e0041}', 'م\u200c', '❤️'],
  ...['\r', '\n', ' ', '\t', '\u2028', '\u202e', '&#27;', '<a>', 'x', '\ud83d', '\u001b]0;\u009d'],
];
test.each(hostile)('1 MB of %j is cleaned in less than 50 ms of the processor', (unit) => {
  const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
  cleanText(text.slice(0, 10_000));
  for (const clean of [cleanText, oneLine]) {
    const spent = (): number => {
      const before = process.threadCpuUsage();
      clean(text);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000;
    };
    // The best of three: the processor also does other work.
    expect(Math.min(spent(), spent(), spent())).toBeLessThan(50);
  }
});
