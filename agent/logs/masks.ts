import { PatternAutomaton } from './pattern-automaton.ts';
import { Redactor } from './redactor.ts';
import { secretPatterns } from './secret-patterns.ts';
import { longestSequence } from './unescaper.ts';

/** The secrets of this agent, made ready once for all that leaves the host. */
export interface Masks {
  /** For the log of one attempt. */
  openStream(): Redactor;
  /** How many bytes a secret may take, where it is written in escapes and with a terminal sequence inside. */
  readonly reach: number;
  /** Masks bytes that are no part of a stream. What stands before `from` is read, and not given out. */
  maskFrom(bytes: Buffer, from: number): Buffer;
  /**
   * Masks a text, which has been cleaned: what is taken out of it later may put a secret together again. Where the
   * text is cut, what may be the beginning of a secret is left out at its end.
   */
  redact(text: string, isCut?: boolean): string;
}

export function createMasks(secrets: readonly string[]): Masks {
  const automaton = new PatternAutomaton(secretPatterns(secrets));
  const redactor = new Redactor(automaton);
  return {
    openStream: () => new Redactor(automaton),
    // An escape makes ten bytes of one at most: \u{00002f}.
    reach: automaton.longest * 10 + longestSequence,
    maskFrom: (bytes, from) => redactor.mask(bytes, from),
    redact: (text, isCut = false) => {
      const bytes = Buffer.from(text, 'utf8');
      const masked = isCut ? new Redactor(automaton).write(bytes) : redactor.mask(bytes);
      return masked.equals(bytes) ? text : masked.toString('utf8');
    },
  };
}
