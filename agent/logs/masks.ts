import { type Pattern, PatternAutomaton } from './pattern-automaton.ts';
import { binaryMark, Redactor, textMark } from './redactor.ts';
import { secretPatterns } from './secret-patterns.ts';
import { longestSequence } from './unescaper.ts';

/** Masks the secrets of this agent in everything that leaves the host. */
export interface Masks {
  /** For the log of one attempt, or a file; `isBinary`: nothing in it moves. It masks what is a secret at this moment. */
  openStream(isBinary?: boolean): Redactor;
  /** The most bytes that a secret may take when it is written in escapes of escapes and with a terminal sequence inside. */
  readonly reach: number;
  /** Masks bytes that are no part of a stream. Those before `from` are read, but not answered. */
  maskFrom(bytes: Buffer, from: number): Buffer;
  /**
   * Masks a text that has been cleaned: what is removed from it after the masking may put a secret together again. With
   * `isCut`, what may be the beginning of a secret is left out at the end.
   */
  redact(text: string, isCut?: boolean): string;
  /** Masks this value too, until the function that it answers is called: the token of a lease, say. */
  add(secret: string): () => void;
}

export function createMasks(secrets: readonly string[]): Masks {
  const values = new LiveSecrets(secrets);
  return {
    openStream: (isBinary = false) =>
      new Redactor(values.current.automaton, isBinary ? binaryMark : textMark),
    get reach() {
      // An escape makes six bytes of one, and an escape of that six of each.
      return values.current.automaton.longest * 36 + 3 * longestSequence;
    },
    maskFrom: (bytes, from) => values.current.redactor.mask(bytes, from),
    redact: (text, isCut = false) => {
      const { automaton, redactor } = values.current;
      const bytes = Buffer.from(text, 'utf8');
      const masked = isCut ? new Redactor(automaton).write(bytes) : redactor.mask(bytes);
      return masked.equals(bytes) ? text : masked.toString('utf8');
    },
    add: (secret) => values.add(secret),
  };
}

interface Search {
  readonly automaton: PatternAutomaton;
  readonly redactor: Redactor;
}

/** Secrets that come and go. The patterns of each are made once; what looks for all of them is made when it is needed. */
class LiveSecrets {
  readonly #patterns = new Map<object, readonly Pattern[]>();
  #current: Search | undefined;

  constructor(secrets: readonly string[]) {
    this.#patterns.set(this, secretPatterns(secrets));
  }

  get current(): Search {
    this.#current ??= this.#build();
    return this.#current;
  }

  add(secret: string): () => void {
    const key = {};
    this.#patterns.set(key, secretPatterns([secret]));
    this.#current = undefined;
    return () => {
      if (this.#patterns.delete(key)) this.#current = undefined;
    };
  }

  #build(): Search {
    const automaton = new PatternAutomaton([...this.#patterns.values()].flat());
    return { automaton, redactor: new Redactor(automaton) };
  }
}
