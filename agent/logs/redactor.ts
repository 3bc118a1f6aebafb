import type { PatternAutomaton } from './pattern-automaton.ts';
import { PatternReader, type Sink } from './pattern-reader.ts';
import { Spans } from './spans.ts';
import { readUnescaped } from './unescaped.ts';
import { allReaders, begins, type Readers, sequences } from './unescaper.ts';

/** A colour may be an escape itself, as JSON writes it. */
const readings: readonly (readonly Readers[])[] = [
  [],
  [sequences],
  [allReaders, sequences],
  [allReaders, allReaders, sequences],
];

/** What stands in the place of a secret of so many bytes. */
export type Mark = (bytes: number) => Uint8Array;

const words = Buffer.from('[redacted]');
export const textMark: Mark = () => words;
/** In a file whose parts are found by where they are, nothing may move. */
export const binaryMark: Mark = (bytes) => Buffer.alloc(bytes, 'x');

/**
 * Masks secrets in a stream of bytes, also those split over writes: what may be the beginning of a secret is held back
 * until more is known. The stream is read in four ways at once: as it is, as a terminal shows it, with its escapes resolved,
 * and with the escapes in those resolved too; in all but the first without what a terminal does not show. The output does not
 * depend on how the stream is cut into writes; what is no secret passes unchanged.
 */
export class Redactor {
  readonly #readings: readonly Sink[];
  /** At the end of each reading. */
  readonly #patterns: readonly PatternReader[];
  readonly #root: Uint32Array;
  readonly #mark: Mark;
  readonly #spans = new Spans();
  #held = Buffer.alloc(0);
  /** The place in the stream at which the held bytes begin. */
  #base = 0;

  constructor(automaton: PatternAutomaton, mark = textMark) {
    this.#mark = mark;
    this.#root = automaton.root;
    const found = (start: number, end: number): void => this.#spans.add(start, end);
    this.#patterns = readings.map(() => new PatternReader(automaton, found));
    this.#readings = this.#patterns.map((patterns, index) => readUnescaped(patterns, readings[index] ?? []));
  }

  /** Answers what may be sent. It may share memory with `bytes`, which must not be changed afterwards. */
  write(bytes: Uint8Array): Buffer {
    const all = this.#held.length === 0 ? viewOf(bytes) : Buffer.concat([this.#held, bytes]);
    this.#scan(bytes, this.#base + this.#held.length);
    return this.#pass(all, Math.min(this.#base + all.length, this.#heldFrom()));
  }

  /** Answers the bytes that were held back. After this the next stream may begin. */
  end(): Buffer {
    this.#finish();
    const rest = this.#pass(this.#held, this.#base + this.#held.length);
    this.#reset();
    return rest;
  }

  /** Masks bytes that are no part of a stream. Those before `from` are read, but not answered. */
  mask(bytes: Buffer, from = 0): Buffer {
    this.#scan(bytes, 0);
    this.#finish();
    const out: Uint8Array[] = [];
    let at = from;
    for (const { start, end } of this.#spans.takeBefore(bytes.length)) {
      if (end <= from) continue;
      out.push(bytes.subarray(at, Math.max(at, start)), this.#mark(end - Math.max(at, start)));
      at = end;
    }
    this.#reset();
    return Buffer.concat([...out, bytes.subarray(at)]);
  }

  #finish(): void {
    for (const reading of this.#readings) reading.finish();
  }

  #reset(): void {
    for (const part of [...this.#readings, this.#spans]) part.reset();
    this.#base = 0;
  }

  #scan(bytes: Uint8Array, from: number): void {
    const root = this.#root;
    let isIdle = false;
    let isOpen = this.#isOpen();
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      const at = from + index;
      if (isOpen || begins[byte] !== 0) {
        for (const reading of this.#readings) reading.feed(byte, at, at + 1);
        isOpen = this.#isOpen();
        isIdle = false;
        continue;
      }
      // Most bytes of a log: no pattern is open, and none begins.
      if (root[byte] === 0) {
        isIdle ||= this.#isIdle();
        if (isIdle) continue;
      }
      isIdle = false;
      // All readings are the same here.
      for (const patterns of this.#patterns) patterns.feed(byte, at, at + 1);
    }
  }

  #isOpen(): boolean {
    for (const reading of this.#readings) if (reading.isOpen) return true;
    return false;
  }

  #isIdle(): boolean {
    for (const reading of this.#readings) if (!reading.isIdle) return false;
    return true;
  }

  /** No secret that has not ended yet begins before this place. */
  #heldFrom(): number {
    return Math.min(...this.#readings.map(({ heldFrom }) => heldFrom));
  }

  /** Answers what is before `safe`, masked. */
  #pass(all: Buffer, safe: number): Buffer {
    const out: Uint8Array[] = [];
    let at = Math.max(this.#base, this.#spans.coveredTo);
    for (const { start, end, isNew } of this.#spans.takeBefore(safe)) {
      if (isNew) out.push(all.subarray(at - this.#base, start - this.#base), this.#mark(end - start));
      // The one before is longer than was known: its words stand there already.
      else if (this.#mark !== textMark) out.push(this.#mark(end - at));
      at = end;
    }
    if (at < safe) out.push(all.subarray(at - this.#base, safe - this.#base));
    // A copy: a view of a few bytes would keep the whole buffer in memory.
    this.#held = Buffer.from(all.subarray(safe - this.#base));
    this.#base = safe;
    return out.length === 1 && out[0] ? viewOf(out[0]) : Buffer.concat(out);
  }
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
