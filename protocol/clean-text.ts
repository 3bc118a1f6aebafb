import { dropInvisible } from './invisible.ts';

/**
 * Texts of tests, servers and people, made safe to store, print and compare: the one place of all programs.
 * A length is in UTF-16 units everywhere.
 */

// Sequences that terminals act on, as ECMA-48 writes them, begun with ESC or with one C1 character: CSI; OSC and its
// like up to their end; short escapes. The text of an OSC stops at the next escape, so each character is looked at a
// bounded number of times, whatever the text is. Of an unfinished sequence only the beginning is removed, so that it
// hides nothing behind it.
const sequences = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0090\\u0098\\u009c-\\u009f]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);

// C0 without tab and line feed, DEL, C1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Without terminal sequences, without control characters other than tab and line feed, without characters that show nothing
 * (marks that turn the direction of writing are such), well-formed. Line ends of any kind are line feeds after it. Takes linear
 * time.
 */
export function cleanText(text: string): string {
  const plain = text
    .replace(sequences, '')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(controls, '');
  return dropInvisible(plain).toWellFormed();
}

/** Cleaned, in one line: a line end and the blanks after it are one blank. */
export const oneLine = (text: string): string =>
  cleanText(text).replace(/\n\s*/g, ' ').replaceAll('\t', ' ').trim();

/** Cleaned, in one line of at most `max`, several blanks as one. */
export const shortLine = (text: string, max: number): string =>
  cutText(oneLine(text).replace(/\s+/g, ' '), max);

/** Cleaned: the lines that are not blank, without blanks at their ends, each at most `max` long. */
export const filledLines = (text: string, max = 200): string[] =>
  cleanText(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => cutText(line, max));

/** At most `max` long, with `…` at the end where something is missing; never half of a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

// Control characters, line ends of any kind, and marks that change the direction of writing: with them a name could
// speak to terminals and workflow logs, or look like another one ("gnp.exe" shown as "exe.png").
const unfitForName = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Whether a name or a path can be shown as it is: for what is refused rather than cleaned. */
export const isPlainName = (text: string): boolean => text.isWellFormed() && !unfitForName.test(text);

/** Whether nothing in a name is unseen either: no other name looks like a new one. Older ones are read as they are. */
export const isSeenName = (text: string): boolean => isPlainName(text) && dropInvisible(text) === text;
