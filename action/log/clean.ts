import { stripVTControlCharacters } from 'node:util';

// Control characters, and those that turn the direction of a text.
const invisible = /[\p{Cc}\p{Bidi_Control}]/gu;
const lineEnd = /\r\n|[\n\r\u2028\u2029]/;

// Between two characters of a command, so that the runner reads none; not to be seen.
const gap = '\u200b';

/**
 * Text of a test or a server as lines that do nothing: no terminal codes, no workflow command. The runner reads
 * `::command::` at the start of a line and the older `##[command]` anywhere.
 */
export function cleanLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .split(lineEnd)
    .map((line) => line.replaceAll('\t', '  ').replace(invisible, ''))
    .map((line) => line.replaceAll('##[', `##${gap}[`).replace(/^(\s*)::/, `$1${gap}::`));
}

/** The same on one line, cut to `length` characters. */
export function cleanLine(text: string, length = 1000): string {
  const line = cleanLines(text)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
  return cut(line, length);
}

/** At most `length` characters, with a mark where something is missing. Never half a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
