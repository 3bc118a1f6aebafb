// Sequences that terminals act on, as ECMA-48 writes them, with ESC or as one C1 character: CSI; OSC and its like up to
// their end; short escapes. The text of an OSC stops at the next escape, so each character is looked at a bounded number
// of times, whatever was written. One that is not finished loses its beginning alone, so that it swallows nothing.
const sequences = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0090\\u0098\\u009c-\\u009f]*(?:\\u0007|\\u001b\\\\|\\u009c)',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);

// All that is left of C0 but tab and line feed, DEL, C1, and the marks that turn the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from elsewhere as it may be stored and shown: no terminal sequences, no control characters but tab and line feed,
 * well-formed. The ends of lines become line feeds. Takes linear time.
 */
export function cleanText(text: string): string {
  return text
    .replace(sequences, '')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(unseen, '')
    .toWellFormed();
}

/** The same in one line: an end of a line becomes a blank, with what the next one begins with. */
export const oneLine = (text: string): string =>
  cleanText(text).replace(/\n\s*/g, ' ').replaceAll('\t', ' ').trim();

/** The same for a line of ours: each blank once, at most `max` UTF-16 units. */
export const shortLine = (text: string, max: number): string =>
  cutText(oneLine(text).replace(/\s+/g, ' '), max);

/** At most `max` UTF-16 units, with `…` where something is missing; never half of a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
