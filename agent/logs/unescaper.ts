import { again, codeOf, no, type Reader } from './escape-reader.ts';
import { readBackslash, readEntity, readPercent, utf8Of } from './escapes.ts';
import type { Sink } from './pattern-reader.ts';
import { readC2, readEscape, unseenReaders } from './sequences.ts';

/** In bytes: a longer sequence counts as text, since all that is before it would be held back until its end. */
export const longestSequence = 4096;

const esc = 27;

/** Readers by their first byte. */
export type Readers = readonly (Reader | undefined)[];

/** Of what a terminal does not show. */
export const sequences: Readers = Array.from({ length: 256 }, (_, byte) => {
  if (byte === esc) return readEscape;
  return byte === 194 ? readC2 : unseenReaders.get(byte);
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
 * is said by its readers. While it is not known whether something is an escape, its bytes are kept; if it is none, they are
 * passed on as they are. The sink may be another one: so escapes of escapes are read.
 */
export class Unescaper implements Sink {
  readonly #sink: Sink;
  readonly #readers: Readers;
  #read: Reader | undefined;
  #state = 0;
  /** What is kept: how much, its bytes, and from where up to where in the stream each was read. */
  #length = 0;
  readonly #bytes: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(sink: Sink, readers: Readers) {
    this.#sink = sink;
    this.#readers = readers;
  }

  get isOpen(): boolean {
    return this.#read !== undefined || this.#sink.isOpen;
  }

  get isIdle(): boolean {
    return this.#read === undefined && this.#sink.isIdle;
  }

  get heldFrom(): number {
    const { heldFrom } = this.#sink;
    return this.#read === undefined ? heldFrom : Math.min(heldFrom, this.#starts[0] ?? heldFrom);
  }

  feed(byte: number, at: number, end: number): void {
    if (this.#read === undefined) {
      this.#begin(byte, at, end);
      return;
    }
    const answer = this.#length > longestSequence ? no : this.#read(this.#state, byte);
    if (answer >= 0) {
      this.#state = answer;
      this.#keep(byte, at, end);
    } else if (answer === again) {
      this.#length -= 1;
      const [start = at, escEnd = at] = [this.#starts[this.#length], this.#ends[this.#length]];
      this.#passOn();
      this.#begin(esc, start, escEnd);
      this.feed(byte, at, end);
    } else if (answer === no) {
      this.#passOn();
      this.#begin(byte, at, end);
    } else this.#replace(codeOf(answer), end);
  }

  finish(): void {
    this.#passOn();
    this.#sink.finish();
  }

  reset(): void {
    this.#forget();
    this.#sink.reset();
  }

  #begin(byte: number, at: number, end: number): void {
    this.#read = this.#readers[byte];
    this.#state = 0;
    if (this.#read === undefined) this.#sink.feed(byte, at, end);
    else this.#keep(byte, at, end);
  }

  #keep(byte: number, at: number, end: number): void {
    this.#bytes[this.#length] = byte;
    this.#starts[this.#length] = at;
    this.#ends[this.#length] = end;
    this.#length += 1;
  }

  #replace(code: number, end: number): void {
    const start = this.#starts[0] ?? 0;
    this.#forget();
    for (const byte of utf8Of(code)) this.#sink.feed(byte, start, end);
  }

  /** It is no escape. */
  #passOn(): void {
    for (let index = 0; index < this.#length; index += 1)
      this.#sink.feed(this.#bytes[index] ?? 0, this.#starts[index] ?? 0, this.#ends[index] ?? 0);
    this.#forget();
  }

  #forget(): void {
    this.#read = undefined;
    this.#length = 0;
  }
}
