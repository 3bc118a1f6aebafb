import { cleanText, cutText } from '../../client/clean-text.ts';

// Between two characters of a command, so that the runner reads none; not to be seen.
const gap = '\u200b';

/**
 * Text of a test or a server as lines that do nothing: no terminal codes, no workflow command. The runner reads
 * `::command::` at the start of a line and the older `##[command]` anywhere.
 */
export function cleanLines(text: string): string[] {
  return cleanText(text)
    .replaceAll('\t', '  ')
    .split('\n')
    .map((line) => line.replaceAll('##[', `##${gap}[`).replace(/^(\s*)::/, `$1${gap}::`));
}

/** The same on one line, cut to `length` characters. */
export function cleanLine(text: string, length = 1000): string {
  const line = cleanLines(text)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
  return cutText(line, length);
}

export { cutText as cut };
