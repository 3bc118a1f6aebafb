import { cleanText } from './clean-text.ts';

const esc = '\u001b';
const colour = `${esc}\\[[0-9;:]*m`;
// Colours are kept by the group; every other sequence goes: CSI, OSC and its like up to their end, short escapes.
const sequences = new RegExp(
  [
    `(${colour})`,
    `${esc}\\[[0-?]*[ -/]*[@-~]`,
    `${esc}[\\]PX^_][^\\u0007${esc}]*(?:\\u0007|${esc}\\\\)`,
    `${esc}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);
const colours = new RegExp(`(${colour})`);
const reset = `${esc}[0m`;

/**
 * One line of a log as a terminal may show it: colours stay and end with the line, whatever moves the cursor, sets
 * titles or hides text goes. An unfinished sequence loses its beginning alone, so that it swallows nothing.
 */
export function cleanLogLine(line: string): string {
  // Of a split by a group, each second part is what the group matched.
  const parts = line.replace(sequences, '$1').split(colours);
  const cleaned = parts.map((part, index) => (index % 2 === 0 ? cleanText(part) : part)).join('');
  return parts.length > 1 ? cleaned + reset : cleaned;
}

const longestTail = 64 * 1024;

/** Cleans a log that comes in pieces. A last line without an escape is given out at once, any other when it ends. */
export class LogCleaner {
  readonly #decoder = new TextDecoder();
  #tail = '';

  push(bytes: Uint8Array): string {
    const text = this.#tail + this.#decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be half of a line's end.
    const half = text.endsWith('\r') ? '\r' : '';
    const lines = text.slice(0, text.length - half.length).split(/\r*\n|\r/);
    const last = lines.pop() ?? '';
    const isOpen = last.includes(esc) && last.length < longestTail;
    this.#tail = (isOpen ? last : '') + half;
    return lines.map((line) => `${cleanLogLine(line)}\n`).join('') + (isOpen ? '' : cleanLogLine(last));
  }

  /** What is left when the log has ended. */
  end(): string {
    const rest = this.#tail + this.#decoder.decode();
    this.#tail = '';
    return cleanLogLine(rest);
  }
}
