import { cleanText, cutText, oneLine } from '../../client/clean-text.ts';

export { cleanText, oneLine };

/** The lines that say something, each cut at `width` characters. */
export const allLines = (text: string, width = 200): string[] =>
  cleanText(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => cutText(line, width));

/** The first of them. */
export const firstLines = (text: string, count: number): string[] => allLines(text).slice(0, count);

/** JSON of one line. DEL and the C1 controls, which JSON lets stand, are escaped: a terminal would act on them. */
export function jsonLine(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, escaped);
}
