import { stripVTControlCharacters } from 'node:util';

// Everything below a blank but tab and line feed, and DEL: terminals act on these.
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Text of a test as it may be stored and shown: no escape sequences, well-formed, at most `max` characters. */
export function cleanText(text: string, max: number): string {
  // A test may write megabytes where a few thousand characters are kept; colours may double what is read for them.
  const plain = stripVTControlCharacters(text.slice(0, max * 4))
    .replace(/\r\n?/g, '\n')
    .replace(controls, '');
  return (plain.length > max ? `${plain.slice(0, max - 1)}…` : plain).toWellFormed();
}
