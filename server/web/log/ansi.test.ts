import { expect, test } from 'vitest';
import { parseAnsi } from './ansi.ts';

const esc = '\u001b';
const shown = (line: string): string =>
  parseAnsi(line)
    .map(({ text, style }) => (style ? `<${style}>${text}` : text))
    .join('|');

test.each([
  ['plain', 'plain'],
  [`${esc}[31mred${esc}[0m plain`, '<fg1>red| plain'],
  [
    `${esc}[1;92mbold and bright${esc}[22m thin${esc}[39m none`,
    '<fg10 bold>bold and bright|<fg10> thin| none',
  ],
  [`${esc}[41;37m on red ${esc}[49m`, '<fg7 bg1> on red '],
  [`${esc}[38;5;9mpalette${esc}[38;5;231mwhite`, '<fg9>palette|<fg15>white'],
  [`${esc}[38;2;255;40;40mtrue${esc}[48;2;0;0;200mback`, '<fg9>true|<fg9 bg12>back'],
  [`${esc}[3;4;2mall${esc}[23;24m`, '<italic line dim>all'],
  [`${esc}[mreset by nothing`, 'reset by nothing'],
])('%j is shown as %s', (line, text) => {
  expect(shown(line)).toBe(text);
});

test.each([
  ['a title', `${esc}]0;owned\u0007after`],
  ['a link', `${esc}]8;;https://evil.example${esc}\\after${esc}]8;;${esc}\\`],
  ['a cursor', `${esc}[2J${esc}[Hafter`],
  ['an answer', `${esc}Pq#0${esc}\\after`],
  ['marks of direction and bells', '\u202eaf\u0000ter\u0007\u202c'],
])('%s does nothing, and hides nothing behind it', (_, line) => {
  expect(shown(line).replaceAll('|', '')).toContain('after');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
  expect(shown(line)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test('an unfinished sequence leaves the text that follows it', () => {
  expect(shown(`${esc}[31`)).not.toContain(esc);
  expect(shown(`${esc}]0;never ended`)).toContain('never ended');
});

test('HTML is text, and a line of nothing but colours is short', () => {
  expect(parseAnsi('<img src=x onerror=alert(1)>')).toEqual([
    { text: '<img src=x onerror=alert(1)>', style: '' },
  ]);
  const parts = parseAnsi(`${esc}[31mx`.repeat(100_000));
  expect(parts.length).toBeLessThanOrEqual(501);
  expect(parts.map(({ text }) => text).join('')).toBe('x'.repeat(100_000));
});
