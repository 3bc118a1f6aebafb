import { again, codeOf, no, type Reader } from './escape-reader.ts';
import { readBackslash, readEntity, readPercent, utf8Of } from './escapes.ts';
import type { Sink } from './pattern-reader.ts';
import { readC2, readD8, readE2, readEscape } from './sequences.ts';

/** A longer sequence counts as text: all that is before it would be held back until its end. */
export const longestSequence = 4096;

const esc = 27;

/** Readers by their first byte. */
export type Readers = readonly (Reader | undefined)[];

/** Of what a terminal does not show. */
export const sequences: Readers = Array.from({ length: 256 }, (_, byte) => {
  if (byte === esc) return readEscape;
  if (byte === 194) return readC2;
  if (byte === 216) return readD8;
  return byte === 226 ? readE2 : undefined;
});

/** Of that, and of escapes. */
export const allReaders: Readers = sequences.map((reader, byte) => {
  if (byte === 37) return readPercent;
  if (byte === 38) return readEntity;
  return byte === 92 ? readBackslash : reader;
});

/** By byte: 1 where an escape or a sequence may begin. */
export const begins = Uint8Array.from(allReaders, (reader) => (reader === undefined ? 0 : 1));

/**
 * Passes a stream on with escapes replaced by their characters, and without what a terminal does not show; which of them
 * is said by its readers. While it is not known whether something is an escape, its bytes are passed on as they are; if
 * it is one, the sink is set back to where it began.
 */
export class Unescaper {
  readonly #sink: Sink;
  readonly #readers: Readers;
  #read: Reader | undefined;
  #state = 0;
  #from = 0;

  constructor(sink: Sink, readers: Readers) {
    this.#sink = sink;
    this.#readers = readers;
  }

  get isOpen(): boolean {
    return this.#read !== undefined;
  }

  /** Where an escape begins that has not ended yet; infinite when there is none. */
  get openFrom(): number {
    return this.#read === undefined ? Number.POSITIVE_INFINITY : this.#from;
  }

  /** Takes the byte at `at`. Answers where a pattern begins that ends with it, or -1. */
  write(byte: number, at: number): number {
    if (this.#read === undefined) return this.#begin(byte, at);
    const answer = at - this.#from > longestSequence ? no : this.#read(this.#state, byte);
    if (answer >= 0) {
      this.#state = answer;
      return this.#sink.feed(byte, at);
    }
    if (answer === again) {
      // The sink skips an ESC, so its state is still that of before.
      this.#begin(esc, at - 1);
      return this.write(byte, at);
    }
    this.#read = undefined;
    if (answer === no) return this.#begin(byte, at);
    this.#sink.restore();
    let found = -1;
    for (const one of utf8Of(codeOf(answer))) found = Math.max(found, this.#sink.feed(one, this.#from));
    return found;
  }

  reset(): void {
    this.#read = undefined;
  }

  #begin(byte: number, at: number): number {
    this.#read = this.#readers[byte];
    if (this.#read !== undefined) {
      this.#state = 0;
      this.#from = at;
      this.#sink.save();
    }
    return this.#sink.feed(byte, at);
  }
}
