import type { PatternAutomaton } from './pattern-automaton.ts';

const lineFeed = 10;
const carriageReturn = 13;
const tab = 9;
const blank = 32;
const del = 127;

/** True for control characters, ends of lines, and blanks at the beginning of a line. */
export const isPassedOver = (byte: number, isIndent: boolean): boolean =>
  byte === blank || byte === tab ? isIndent : byte < blank || byte === del;

/** Takes a text byte by byte. Its state is saved in slots, which are numbered. */
export interface Sink {
  /** Takes the byte at place `at` of the stream. Answers where a pattern begins that ends with it, or -1. */
  feed(byte: number, at: number): number;
  save(slot: number): void;
  restore(slot: number): void;
  /** Saves what is in a slot in another one too. */
  copy(from: number, to: number): void;
}

/** One that says what it has not made up its mind about yet. */
export interface Holder extends Sink {
  /** Nothing has begun that has not ended. */
  readonly isIdle: boolean;
  /** Where the earliest pattern begins that may not have ended yet; infinite when there is none. */
  readonly heldFrom: number;
  /** The same of a saved state. */
  savedFrom(slot: number): number;
  reset(): void;
}

interface Saved {
  state: number;
  count: number;
  brokenAt: number;
  isIndent: boolean;
}

/**
 * Looks for patterns in one reading of a stream. Control characters are skipped (so that a text of two bytes a
 * character, with zeros between, is read too), and so are ends of lines with the blanks that begin the next one: base64
 * and hex come in lines.
 */
export class PatternReader implements Holder {
  readonly #automaton: PatternAutomaton;
  /** The places of the last bytes in the stream: as many as a pattern is long, and as `restore` takes back. */
  readonly #places: Float64Array;
  readonly #mask: number;
  /** 0: no pattern has begun. */
  state = 0;
  #count = 0;
  #brokenAt = -1;
  #isIndent = false;
  readonly #slots: Saved[] = [];

  /** `spare`: how many bytes may lie between `save` and `restore`. */
  constructor(automaton: PatternAutomaton, spare: number) {
    this.#automaton = automaton;
    const size = 2 ** Math.ceil(Math.log2(automaton.longest + spare + 1));
    this.#places = new Float64Array(size);
    this.#mask = size - 1;
  }

  feed(byte: number, at: number): number {
    if (byte <= blank || byte === del) {
      if (byte === lineFeed || byte === carriageReturn) {
        this.#brokenAt = this.#count;
        this.#isIndent = true;
      }
      if (isPassedOver(byte, this.#isIndent)) return -1;
    }
    this.#isIndent = false;
    this.#places[this.#count & this.#mask] = at;
    this.#count += 1;
    this.state = this.#automaton.next(this.state, byte);
    const ending = this.#automaton.ending[this.state] ?? 0;
    return ending === 0 ? -1 : this.#startOf(ending);
  }

  get isIdle(): boolean {
    return this.state === 0;
  }

  get heldFrom(): number {
    return this.#beginOf(this.state, this.#count);
  }

  savedFrom(slot: number): number {
    const { state, count } = this.#slot(slot);
    return this.#beginOf(state, count);
  }

  save(slot: number): void {
    const saved = this.#slot(slot);
    saved.state = this.state;
    saved.count = this.#count;
    saved.brokenAt = this.#brokenAt;
    saved.isIndent = this.#isIndent;
  }

  restore(slot: number): void {
    const saved = this.#slot(slot);
    this.state = saved.state;
    this.#count = saved.count;
    this.#brokenAt = saved.brokenAt;
    this.#isIndent = saved.isIndent;
  }

  copy(from: number, to: number): void {
    const [saved, copied] = [this.#slot(from), this.#slot(to)];
    copied.state = saved.state;
    copied.count = saved.count;
    copied.brokenAt = saved.brokenAt;
    copied.isIndent = saved.isIndent;
  }

  #slot(slot: number): Saved {
    const saved = this.#slots[slot];
    if (saved !== undefined) return saved;
    const made = { state: 0, count: 0, brokenAt: -1, isIndent: false };
    this.#slots[slot] = made;
    return made;
  }

  reset(): void {
    this.state = 0;
    this.#count = 0;
    this.#brokenAt = -1;
    this.#isIndent = false;
  }

  #beginOf(state: number, count: number): number {
    return state === 0 ? Number.POSITIVE_INFINITY : this.#place(count, this.#automaton.depth[state] ?? 0);
  }

  /** Where the longest pattern begins that ends here and counts; -1: none does. */
  #startOf(first: number): number {
    const { depth, ending, fail, oneLine } = this.#automaton;
    for (let state = first; state !== 0; state = ending[fail[state] ?? 0] ?? 0) {
      const length = depth[state] ?? 0;
      const isBroken = this.#brokenAt > this.#count - length;
      if (!isBroken || oneLine[state] === 0) return this.#place(this.#count, length);
    }
    return -1;
  }

  #place(count: number, back: number): number {
    return this.#places[(count - back) & this.#mask] ?? 0;
  }
}
