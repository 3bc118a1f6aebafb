import { cleanText } from '../../protocol/clean-text.ts';

const esc = '\u001b';
const colours = new RegExp(`(${esc}\\[[0-9;:]*m)`);
// Most lines of a log: they hold nothing that a terminal acts on.
const plain = /^[\t\u0020-\u007e]*$/;
const reset = `${esc}[0m`;

/** A colour without what hides the text after it (SGR 8). The numbers of a colour by its index or parts are no such. */
function withoutConceal(colour: string): string {
  if (!colour.includes('8')) return colour;
  const numbers = colour.slice(2, -1).split(';');
  const kept: string[] = [];
  for (let at = 0; at < numbers.length; ) {
    const length = lengthAt(numbers, at);
    if (!/^0*8$/.test(numbers[at] ?? '')) kept.push(...numbers.slice(at, at + length));
    at += length;
  }
  return kept.length === 0 ? '' : `${esc}[${kept.join(';')}m`;
}

/** `38;5;n` and `38;2;r;g;b` are one. */
function lengthAt(numbers: readonly string[], at: number): number {
  if (!/^[345]8$/.test(numbers[at] ?? '')) return 1;
  return { '5': 3, '2': 5 }[numbers[at + 1] ?? ''] ?? 1;
}

/**
 * One line of a log for a terminal: colours stay and end with the line; what moves the cursor, sets titles or hides
 * text is removed. Of an unfinished sequence only the beginning is removed, so that it hides no text.
 */
export function cleanLogLine(line: string): string {
  if (plain.test(line)) return line;
  // Split by a group, every second part is a match. No other sequence can contain the escape of a colour.
  const parts = line.split(colours);
  const cleaned = parts
    .map((part, index) => (index % 2 === 0 ? cleanText(part) : withoutConceal(part)))
    .join('');
  return parts.length > 1 ? cleaned + reset : cleaned;
}

const longestTail = 64 * 1024;
// The escape, and the C1 characters that begin a sequence too.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const begins = /[\u001b\u0090\u0098\u009b\u009d-\u009f]/;

/** Cleans a log that comes in pieces. A line with an escape is kept back until it ends, any other is not. */
export class LogCleaner {
  readonly #decoder = new TextDecoder();
  #tail = '';

  push(bytes: Uint8Array): string {
    const text = this.#tail + this.#decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be the first half of a line end.
    let end = text.length;
    while (text[end - 1] === '\r') end -= 1;
    const lines = text.slice(0, end).split(/\r+\n?|\n/);
    const last = lines.pop() ?? '';
    const isOpen = begins.test(last) && last.length < longestTail;
    this.#tail = (isOpen ? last : '') + (end < text.length ? '\r' : '');
    return lines.map((line) => `${cleanLogLine(line)}\n`).join('') + (isOpen ? '' : cleanLogLine(last));
  }

  /** The rest, when the log has ended. */
  end(): string {
    const rest = this.#tail + this.#decoder.decode();
    this.#tail = '';
    return cleanLogLine(rest);
  }
}
