import type { PatternAutomaton } from './pattern-automaton.ts';

const lineFeed = 10;
const carriageReturn = 13;
const tab = 9;
const blank = 32;
const del = 127;

/** True for control characters, ends of lines, and blanks at the beginning of a line. */
export const isPassedOver = (byte: number, isIndent: boolean): boolean =>
  byte === blank || byte === tab ? isIndent : byte < blank || byte === del;

/** Takes a text byte by byte, from another reading of the same stream or from the stream itself. */
export interface Sink {
  /** Takes a byte that was read from the places `at` up to `end` of the stream: several, where it was written as an escape. */
  feed(byte: number, at: number, end: number): void;
  /** What may be an escape has begun. */
  readonly isOpen: boolean;
  /** Nothing has begun that has not ended. */
  readonly isIdle: boolean;
  /** Nothing that has not ended begins before this place; infinite when nothing has begun. */
  readonly heldFrom: number;
  /** The stream has ended: what has not ended yet is no escape. */
  finish(): void;
  reset(): void;
}

/** Called with the places at which a pattern begins and ends. */
export type Found = (start: number, end: number) => void;

/**
 * Looks for patterns in one reading of a stream. Control characters are skipped (so that a text of two bytes a
 * character, with zeros between, is read too), and so are ends of lines with the blanks that begin the next one: base64
 * and hex come in lines.
 */
export class PatternReader implements Sink {
  readonly #automaton: PatternAutomaton;
  readonly #found: Found;
  /** The places of the last bytes in the stream: as many as a pattern is long. */
  readonly #places: Float64Array;
  readonly #mask: number;
  /** 0: no pattern has begun. */
  #state = 0;
  #count = 0;
  #brokenAt = -1;
  #isIndent = false;

  constructor(automaton: PatternAutomaton, found: Found) {
    this.#automaton = automaton;
    this.#found = found;
    const size = 2 ** Math.ceil(Math.log2(automaton.longest + 1));
    this.#places = new Float64Array(size);
    this.#mask = size - 1;
  }

  feed(byte: number, at: number, end: number): void {
    if (byte <= blank || byte === del) {
      if (byte === lineFeed || byte === carriageReturn) {
        this.#brokenAt = this.#count;
        this.#isIndent = true;
      }
      if (isPassedOver(byte, this.#isIndent)) return;
    }
    this.#isIndent = false;
    this.#places[this.#count & this.#mask] = at;
    this.#count += 1;
    this.#state = this.#automaton.next(this.#state, byte);
    const ending = this.#automaton.ending[this.#state] ?? 0;
    const start = ending === 0 ? -1 : this.#startOf(ending);
    if (start >= 0) this.#found(start, end);
  }

  readonly isOpen = false;

  get isIdle(): boolean {
    return this.#state === 0;
  }

  get heldFrom(): number {
    if (this.#state === 0) return Number.POSITIVE_INFINITY;
    return this.#place(this.#automaton.depth[this.#state] ?? 0);
  }

  finish(): void {
    // A pattern that has not ended is none.
  }

  reset(): void {
    this.#state = 0;
    this.#count = 0;
    this.#brokenAt = -1;
    this.#isIndent = false;
  }

  /** Where the longest pattern begins that ends here and counts; -1: none does. */
  #startOf(first: number): number {
    const { depth, ending, fail, oneLine } = this.#automaton;
    for (let state = first; state !== 0; state = ending[fail[state] ?? 0] ?? 0) {
      const length = depth[state] ?? 0;
      const isBroken = this.#brokenAt > this.#count - length;
      if (!isBroken || oneLine[state] === 0) return this.#place(length);
    }
    return -1;
  }

  #place(back: number): number {
    return this.#places[(this.#count - back) & this.#mask] ?? 0;
  }
}
