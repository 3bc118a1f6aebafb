import { createHash } from 'node:crypto';
import { cutText, shortLine } from '../protocol/clean-text.ts';

const digits = 8;

/** One line of at most `max`. One that is cut ends with digits of its own: two long names never become one. */
export function shortName(text: string, max: number): string {
  const line = shortLine(text, Number.POSITIVE_INFINITY);
  if (line.length <= max) return line;
  const hash = createHash('sha256').update(line).digest('hex').slice(0, digits);
  return `${cutText(line, max - digits - 1)} ${hash}`;
}
