import { cleanText } from '../../protocol/clean-text.ts';

const esc = '\u001b';
const colours = new RegExp(`(${esc}\\[[0-9;:]*m)`);
// Most lines of a log: nothing in them for a terminal to act on.
const plain = /^[\t\u0020-\u007e]*$/;
const reset = `${esc}[0m`;

/**
 * One line of a log as a terminal may show it: colours stay and end with the line, whatever moves the cursor, sets
 * titles or hides text goes. An unfinished sequence loses its beginning alone, so that it swallows nothing.
 */
export function cleanLogLine(line: string): string {
  if (plain.test(line)) return line;
  // Of a split by a group, each second part is what the group matched. No other sequence goes on over an escape.
  const parts = line.split(colours);
  const cleaned = parts.map((part, index) => (index % 2 === 0 ? cleanText(part) : part)).join('');
  return parts.length > 1 ? cleaned + reset : cleaned;
}

const longestTail = 64 * 1024;
// Escapes, and the C1 characters that do the same.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const begins = /[\u001b\u0090\u0098\u009b\u009d-\u009f]/;

/** Cleans a log that comes in pieces. A last line without an escape is given out at once, any other when it ends. */
export class LogCleaner {
  readonly #decoder = new TextDecoder();
  #tail = '';

  push(bytes: Uint8Array): string {
    const text = this.#tail + this.#decoder.decode(bytes, { stream: true });
    // Carriage returns at the end may be half of a line's end.
    let end = text.length;
    while (text[end - 1] === '\r') end -= 1;
    const lines = text.slice(0, end).split(/\r+\n?|\n/);
    const last = lines.pop() ?? '';
    const isOpen = begins.test(last) && last.length < longestTail;
    this.#tail = (isOpen ? last : '') + (end < text.length ? '\r' : '');
    return lines.map((line) => `${cleanLogLine(line)}\n`).join('') + (isOpen ? '' : cleanLogLine(last));
  }

  /** What is left when the log has ended. */
  end(): string {
    const rest = this.#tail + this.#decoder.decode();
    this.#tail = '';
    return cleanLogLine(rest);
  }
}
