import { again, codeOf, no, type Reader } from './escape-reader.ts';
import { readBackslash, readEntity, readPercent, utf8Of } from './escapes.ts';
import type { Holder } from './pattern-reader.ts';
import { readC2, readEscape, unseenReaders } from './sequences.ts';

/** A longer sequence counts as text: all that is before it would be held back until its end. */
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

interface Open {
  read: Reader | undefined;
  state: number;
  from: number;
  last: number;
  hasEsc: boolean;
}

/** The slots in which the sink is saved for an escape that is open: before it, and before an ESC in it. */
const own = 0;
const beforeEsc = 1;
/** For a slot of this one, the slots of the sink: its state, and what is in the two above. */
const sinkSlot = (slot: number): number => 3 * slot + 2;
const ownSlot = (slot: number): number => 3 * slot + 3;
const escSlot = (slot: number): number => 3 * slot + 4;

/**
 * Passes a stream on with escapes replaced by their characters, and without what a terminal does not show; which of them
 * is said by its readers. While it is not known whether something is an escape, its bytes are passed on as they are; if
 * it is one, the sink is set back to where it began. Its sink may be another one.
 */
export class Unescaper implements Holder {
  readonly #sink: Holder;
  readonly #readers: Readers;
  readonly #slots: Open[] = [];
  #read: Reader | undefined;
  #state = 0;
  #from = 0;
  /** The place of the byte before. */
  #last = -1;
  /** There is an ESC inside of what is open. */
  #hasEsc = false;

  constructor(sink: Holder, readers: Readers) {
    this.#sink = sink;
    this.#readers = readers;
  }

  get isIdle(): boolean {
    return this.#read === undefined && this.#sink.isIdle;
  }

  get heldFrom(): number {
    const sink = this.#sink.heldFrom;
    return this.#read === undefined ? sink : Math.min(sink, this.#from, this.#sink.savedFrom(own));
  }

  savedFrom(slot: number): number {
    const sink = this.#sink.savedFrom(sinkSlot(slot));
    const saved = this.#slots[slot];
    if (saved?.read === undefined) return sink;
    return Math.min(sink, saved.from, this.#sink.savedFrom(ownSlot(slot)));
  }

  /** Takes the byte at `at`. Answers where a pattern begins that ends with it, or -1. */
  feed(byte: number, at: number): number {
    const found = this.#take(byte, at);
    this.#last = at;
    return found;
  }

  #take(byte: number, at: number): number {
    if (this.#read === undefined) return this.#begin(byte, at);
    const answer = at - this.#from > longestSequence ? no : this.#read(this.#state, byte);
    if (answer >= 0) {
      this.#state = answer;
      if (byte === esc) {
        this.#sink.save(beforeEsc);
        this.#hasEsc = true;
      }
      return this.#sink.feed(byte, at);
    }
    if (answer === again) {
      this.#sink.restore(beforeEsc);
      this.#begin(esc, this.#last);
      return this.#take(byte, at);
    }
    this.#read = undefined;
    if (answer === no) return this.#begin(byte, at);
    this.#sink.restore(own);
    let found = -1;
    for (const one of utf8Of(codeOf(answer))) found = Math.max(found, this.#sink.feed(one, this.#from));
    return found;
  }

  save(slot: number): void {
    const saved = this.#slot(slot);
    saved.read = this.#read;
    saved.state = this.#state;
    saved.from = this.#from;
    saved.last = this.#last;
    saved.hasEsc = this.#hasEsc;
    this.#sink.save(sinkSlot(slot));
    if (this.#read === undefined) return;
    this.#sink.copy(own, ownSlot(slot));
    if (this.#hasEsc) this.#sink.copy(beforeEsc, escSlot(slot));
  }

  restore(slot: number): void {
    const saved = this.#slot(slot);
    this.#read = saved.read;
    this.#state = saved.state;
    this.#from = saved.from;
    this.#last = saved.last;
    this.#hasEsc = saved.hasEsc;
    this.#sink.restore(sinkSlot(slot));
    if (this.#read === undefined) return;
    this.#sink.copy(ownSlot(slot), own);
    if (this.#hasEsc) this.#sink.copy(escSlot(slot), beforeEsc);
  }

  copy(from: number, to: number): void {
    const saved = this.#slot(from);
    Object.assign(this.#slot(to), saved);
    this.#sink.copy(sinkSlot(from), sinkSlot(to));
    if (saved.read === undefined) return;
    this.#sink.copy(ownSlot(from), ownSlot(to));
    if (saved.hasEsc) this.#sink.copy(escSlot(from), escSlot(to));
  }

  reset(): void {
    this.#read = undefined;
    this.#sink.reset();
  }

  #slot(slot: number): Open {
    const saved = this.#slots[slot];
    if (saved !== undefined) return saved;
    const made = { read: undefined, state: 0, from: 0, last: -1, hasEsc: false };
    this.#slots[slot] = made;
    return made;
  }

  #begin(byte: number, at: number): number {
    this.#read = this.#readers[byte];
    if (this.#read !== undefined) {
      this.#state = 0;
      this.#from = at;
      this.#hasEsc = false;
      this.#sink.save(own);
    }
    return this.#sink.feed(byte, at);
  }
}
