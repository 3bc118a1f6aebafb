import { cleanText, cutText } from '../protocol/clean-text.ts';

// Put inside a command, so that the runner does not read it as one. It has no width.
const gap = '\u200b';

/** The runner reads `::command::` at the start of a line and the older `##[command]` anywhere. */
const withoutCommand = (line: string): string =>
  line.replaceAll('##[', `##${gap}[`).replace(/^(\s*)::/, `$1${gap}::`);

/** Text of a test or a server as lines for the log: no terminal sequence, no workflow command. */
export const cleanLines = (text: string): string[] =>
  cleanText(text).replaceAll('\t', '  ').split('\n').map(withoutCommand);

/** The same as one line of at most `max` UTF-16 units. */
export function cleanLine(text: string, max = 1000): string {
  const parts = cleanLines(text).map((part) => part.trim());
  return cutText(parts.filter((part) => part !== '').join(' '), max);
}
