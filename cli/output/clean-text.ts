import { stripVTControlCharacters } from 'node:util';

// What terminals act on, but tab and line feed: C0, DEL, C1, and the marks that turn the writing direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere (a test's name, a message) as it may stand on a terminal; line feeds stay. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(controls, '');
}

/** The same in one line. */
export const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, ' ').trim();

/** The lines that say something, each cut at `width` characters. */
export const allLines = (text: string, width = 200): string[] =>
  cleanText(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));

/** The first of them. */
export const firstLines = (text: string, count: number): string[] => allLines(text).slice(0, count);

/** JSON of one line. DEL and the C1 controls, which JSON lets stand, are escaped: a terminal would act on them. */
export function jsonLine(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, escaped);
}
