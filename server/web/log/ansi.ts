import { cleanText } from '../../../protocol/clean-text.ts';

/** A piece of a line in one style. */
export interface LogPart {
  readonly text: string;
  /** Classes of the style sheet, '' for none. */
  readonly style: string;
}

interface Style {
  fg: number | undefined;
  bg: number | undefined;
  readonly flags: Set<string>;
}

/** Pieces of one line at most: a line that changes its colour more often is somebody's trick. */
const mostParts = 500;

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const sgr = /\u001b\[([\d;:]{0,100})m/;

/**
 * The colours of one line of a terminal, as pieces of text: of all that a terminal acts on only colours and weights are
 * kept. Each line begins anew, so that none can colour or hide the next. No library: those write 256 colours as inline styles,
 * which the content security policy of the pages forbids.
 */
export function parseAnsi(line: string): LogPart[] {
  const pieces = line.split(sgr);
  const style: Style = { fg: undefined, bg: undefined, flags: new Set() };
  const parts: LogPart[] = [];
  for (let n = 0; n < Math.min(pieces.length, 2 * mostParts); n += 2) {
    if (n > 0) applyCodes(style, pieces[n - 1] ?? '');
    const text = cleanText(pieces[n] ?? '');
    if (text !== '') parts.push({ text, style: classesOf(style) });
  }
  // Its text is kept: a search finds it.
  const rest = pieces.filter((_, n) => n >= 2 * mostParts && n % 2 === 0).join('');
  if (rest !== '') parts.push({ text: cleanText(rest), style: '' });
  return parts;
}

const classesOf = ({ fg, bg, flags }: Style): string =>
  [...(fg === undefined ? [] : [`fg${fg}`]), ...(bg === undefined ? [] : [`bg${bg}`]), ...flags].join(' ');

const flagsOn: Readonly<Record<number, string>> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'line' };
const flagsOff: Readonly<Record<number, readonly string[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['line'],
};

function applyCodes(style: Style, text: string): void {
  const codes = text.split(/[;:]/).map(Number);
  for (let n = 0; n < codes.length; n += 1) {
    const code = codes[n] ?? 0;
    if (code === 38 || code === 48) {
      const isPalette = codes[n + 1] === 5;
      const [r = 0, g = 0, b = 0] = codes.slice(n + 2);
      const colour = isPalette ? ofPalette(r) : nearest(r, g, b);
      if (code === 38) style.fg = colour;
      else style.bg = colour;
      n += isPalette ? 2 : 4;
    } else apply(style, code);
  }
}

function apply(style: Style, code: number): void {
  if (code === 0) {
    style.fg = undefined;
    style.bg = undefined;
    style.flags.clear();
  }
  if (code === 39) style.fg = undefined;
  if (code === 49) style.bg = undefined;
  if (code >= 30 && code <= 37) style.fg = code - 30;
  if (code >= 40 && code <= 47) style.bg = code - 40;
  if (code >= 90 && code <= 97) style.fg = code - 90 + 8;
  if (code >= 100 && code <= 107) style.bg = code - 100 + 8;
  const on = flagsOn[code];
  if (on !== undefined) style.flags.add(on);
  for (const off of flagsOff[code] ?? []) style.flags.delete(off);
}

/** Of the 256 colours: 16 basic ones, a cube of 6 × 6 × 6, 24 greys. */
function ofPalette(n: number): number {
  if (n < 16) return n;
  if (n >= 232) return nearest(...grey(8 + (n - 232) * 10));
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = n - 16;
  return nearest(step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6));
}

const grey = (value: number): [number, number, number] => [value, value, value];

/** The basic colour that looks most like it: the style sheet has 16, and no colour of a log's own. */
function nearest(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  if (most < 60) return 8;
  const bit = (value: number, n: number): number => (value > most * 0.6 ? n : 0);
  return bit(r, 1) + bit(g, 2) + bit(b, 4) + (most > 170 ? 8 : 0);
}
