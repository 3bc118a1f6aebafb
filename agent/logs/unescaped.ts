import type { PatternAutomaton } from './pattern-automaton.ts';
import { type Holder, PatternReader } from './pattern-reader.ts';
import { longestSequence, type Readers, Unescaper } from './unescaper.ts';

/**
 * Looks for patterns in a stream whose escapes are resolved. `levels`: what counts as an escape, the outermost first; what a
 * level makes of its escapes is read by the next one.
 */
export function readUnescaped(automaton: PatternAutomaton, levels: readonly Readers[]): Holder {
  const patterns = new PatternReader(automaton, levels.length * (longestSequence + 2));
  return levels.reduceRight<Holder>((sink, readers) => new Unescaper(sink, readers), patterns);
}
