import type { PatternAutomaton } from './pattern-automaton.ts';
import { type Found, PatternReader, type Sink } from './pattern-reader.ts';
import { type Readers, Unescaper } from './unescaper.ts';

/**
 * Looks for patterns in a stream whose escapes are resolved. `levels`: what counts as an escape, the outermost first; what a
 * level makes of its escapes is read by the next one. Without levels the stream is read as it is.
 */
export const readUnescaped = (
  automaton: PatternAutomaton,
  found: Found,
  ...levels: readonly Readers[]
): Sink =>
  levels.reduceRight<Sink>(
    (sink, readers) => new Unescaper(sink, readers),
    new PatternReader(automaton, found),
  );
