import { createHash, type Hash } from 'node:crypto';

/** Of a text of any length so many UTF-16 units are kept: enough for what is shown, whatever cleaning takes out of it. */
export const keptLength = 64 * 1024;

/** Puts a text together from its parts and keeps the beginning. What is too long ends in a hash, so that two stay two. */
export class CappedText {
  #parts: string[] = [];
  #length = 0;
  #hash: Hash | undefined;

  add(part: string): void {
    const room = keptLength - this.#length;
    this.#length += part.length;
    if (room > 0) this.#parts.push(part.length > room ? part.slice(0, room) : part);
    if (part.length <= room) return;
    this.#hash ??= createHash('sha256');
    this.#hash.update(part.slice(Math.max(0, room)));
  }

  /** The text as it was written, its beginning at least; starts anew. */
  take(): string {
    const text = this.#parts.join('');
    const end = this.#hash ? `…${this.#hash.digest('hex')}` : '';
    this.#parts = [];
    this.#length = 0;
    this.#hash = undefined;
    return text + end;
  }
}

/** A copy of its own: a part of a longer text would keep all of that in memory. Half characters become U+FFFD. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
