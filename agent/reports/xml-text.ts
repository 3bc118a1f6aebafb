import { createHash, type Hash } from 'node:crypto';

/** UTF-16 units that are stored of a text: enough for what is shown, whatever cleaning removes. */
export const keptUnits = 64 * 1024;

/** Joins the parts of a text and cuts it. A text that is cut ends in a hash, so that two texts stay different. */
export class CappedText {
  #parts: string[] = [];
  #length = 0;
  #hash: Hash | undefined;

  add(part: string): void {
    const room = keptUnits - this.#length;
    this.#length += part.length;
    if (room > 0) this.#parts.push(part.length > room ? part.slice(0, room) : part);
    if (part.length <= room) return;
    this.#hash ??= createHash('sha256');
    this.#hash.update(part.slice(Math.max(0, room)));
  }

  /** The text, or its beginning and the hash. The next text begins then. */
  take(): string {
    const text = this.#parts.join('');
    const end = this.#hash ? `…${this.#hash.digest('hex')}` : '';
    this.#parts = [];
    this.#length = 0;
    this.#hash = undefined;
    return text + end;
  }
}

/** A real copy: a slice would keep the whole longer text in memory. Half characters become U+FFFD. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Replaces the references of XML: the five names, and numbers of any character. Each is replaced once: `&amp;lt;` gives
 * `&lt;`. What is no reference to a character (`&nbsp;`, `&#x0;`, a single `&`) stays as it is.
 */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(lt|gt|amp|quot|apos));/gi,
    (whole: string, hex?: string, decimal?: string, name?: string) =>
      (name === undefined ? character(hex, decimal) : named[name]) ?? whole,
  );
}

/** Undefined for numbers that are no character: 0, halves of a surrogate pair, more than Unicode has. */
function character(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
