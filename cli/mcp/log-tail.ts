import { cleanText } from '../../protocol/clean-text.ts';

const mostBytes = 16 * 1024;

/** The last lines of a log as plain text, 16 kB at most. */
export function logTail(bytes: Uint8Array, lines: number): string {
  const end = bytes.subarray(Math.max(0, bytes.length - 4 * mostBytes));
  const text = cleanText(new TextDecoder().decode(end)).trimEnd();
  let tail = text.split('\n').slice(-lines).join('\n');
  while (Buffer.byteLength(tail) > mostBytes) {
    // A line that alone is too long loses its beginning.
    const next = tail.indexOf('\n');
    tail = next < 0 ? tail.slice(-mostBytes / 4).replace(/^[\udc00-\udfff]/, '') : tail.slice(next + 1);
  }
  return tail;
}
