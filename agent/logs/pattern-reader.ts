import type { PatternAutomaton } from './pattern-automaton.ts';

const lineFeed = 10;
const carriageReturn = 13;
const tab = 9;
const blank = 32;
const del = 127;

/** True for control characters, ends of lines, and blanks at the beginning of a line. */
export const isPassedOver = (byte: number, isIndent: boolean): boolean =>
  byte === blank || byte === tab ? isIndent : byte < blank || byte === del;

/** Takes a text byte by byte. */
export interface Sink {
  /** Takes the byte at place `at` of the stream. Answers where a pattern begins that ends with it, or -1. */
  feed(byte: number, at: number): number;
  /** Saves the state for `restore`; only the last one. */
  save(): void;
  restore(): void;
}

/**
 * Looks for patterns in one reading of a stream. Control characters are skipped (so that a text of two bytes a
 * character, with zeros between, is read too), and so are ends of lines with the blanks that begin the next one: base64
 * and hex come in lines.
 */
export class PatternReader implements Sink {
  readonly #automaton: PatternAutomaton;
  /** The places of the last bytes in the stream: as many as a pattern is long, and as `restore` takes back. */
  readonly #places: Float64Array;
  readonly #mask: number;
  /** 0: no pattern has begun. */
  state = 0;
  #count = 0;
  #brokenAt = -1;
  #isIndent = false;
  readonly #saved = { state: 0, count: 0, brokenAt: -1, isIndent: false };

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

  /** Where the earliest pattern begins that may not have ended yet; infinite when there is none. */
  get heldFrom(): number {
    return this.#beginOf(this.state, this.#count);
  }

  /** The same for the saved state. */
  get savedFrom(): number {
    return this.#beginOf(this.#saved.state, this.#saved.count);
  }

  save(): void {
    this.#saved.state = this.state;
    this.#saved.count = this.#count;
    this.#saved.brokenAt = this.#brokenAt;
    this.#saved.isIndent = this.#isIndent;
  }

  restore(): void {
    this.state = this.#saved.state;
    this.#count = this.#saved.count;
    this.#brokenAt = this.#saved.brokenAt;
    this.#isIndent = this.#saved.isIndent;
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
