import type { PatternAutomaton } from './pattern-automaton.ts';
import { PatternReader } from './pattern-reader.ts';
import { longestSequence, type Readers, Unescaper } from './unescaper.ts';

/** Looks for patterns in a stream whose escapes are resolved. */
export class Unescaped {
  readonly #patterns: PatternReader;
  readonly #unescaper: Unescaper;

  /** `readers`: what counts as an escape. */
  constructor(automaton: PatternAutomaton, readers: Readers) {
    this.#patterns = new PatternReader(automaton, longestSequence + 2);
    this.#unescaper = new Unescaper(this.#patterns, readers);
  }

  /** No pattern and no escape is open. */
  get isIdle(): boolean {
    return this.#patterns.state === 0 && !this.#unescaper.isOpen;
  }

  /** No pattern that has not ended yet begins before this place. */
  get heldFrom(): number {
    const saved = this.#unescaper.isOpen ? this.#patterns.savedFrom : Number.POSITIVE_INFINITY;
    return Math.min(this.#patterns.heldFrom, this.#unescaper.openFrom, saved);
  }

  /** Takes the byte at `at`. Answers where a pattern begins that ends with it, or -1. */
  write(byte: number, at: number): number {
    return this.#unescaper.write(byte, at);
  }

  reset(): void {
    this.#patterns.reset();
    this.#unescaper.reset();
  }
}
