import type { Sink } from './pattern-reader.ts';
import { type Readers, Unescaper } from './unescaper.ts';

/**
 * What reads a stream with its escapes resolved, and tells it to `patterns`. `levels`: what counts as an escape, the outermost
 * first; what a level makes of its escapes is read by the next one. Without levels the stream is read as it is.
 */
export const readUnescaped = (patterns: Sink, levels: readonly Readers[]): Sink =>
  levels.reduceRight<Sink>((sink, readers) => new Unescaper(sink, readers), patterns);
