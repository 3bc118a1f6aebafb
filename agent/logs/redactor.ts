import { Lane } from './lane.ts';
import { PatternAutomaton } from './pattern-automaton.ts';
import { secretPatterns } from './secret-patterns.ts';
import { Spans } from './spans.ts';
import { begins, longestSequence, Unescaper } from './unescaper.ts';

const mark = Buffer.from('[redacted]');

/**
 * Masks secrets in a stream of bytes, also those split over writes: what might be the beginning of one is held back until
 * more is known. The stream is read twice at once: as it is, and as it reads without escapes and terminal sequences.
 * However it is cut into writes, the sum of what comes out is the same; what is no secret passes unchanged.
 */
export class Redactor {
  readonly #raw: Lane;
  readonly #plain: Lane;
  readonly #unescaper: Unescaper;
  readonly #root: Uint32Array;
  readonly #spans = new Spans();
  #held = Buffer.alloc(0);
  /** Where in the stream what is held begins. */
  #base = 0;

  constructor(automaton: PatternAutomaton) {
    this.#root = automaton.root;
    this.#raw = new Lane(automaton, 0);
    this.#plain = new Lane(automaton, longestSequence + 2);
    this.#unescaper = new Unescaper(this.#plain);
  }

  /** Answers what may go out, which may be a part of `bytes`: these are not to be written to again. */
  write(bytes: Uint8Array): Buffer {
    const all = this.#held.length === 0 ? viewOf(bytes) : Buffer.concat([this.#held, bytes]);
    this.#scan(bytes, this.#base + this.#held.length);
    return this.#pass(all, Math.min(this.#base + all.length, this.#heldFrom()));
  }

  /** What was held back. Ready for another stream then. */
  end(): Buffer {
    const rest = this.#pass(this.#held, this.#base + this.#held.length);
    this.#reset();
    return rest;
  }

  /** Masks a whole that is no part of a stream. What stands before `from` is read, and not given out. */
  mask(bytes: Buffer, from = 0): Buffer {
    this.#scan(bytes, 0);
    const out: Buffer[] = [];
    let at = from;
    for (const { start, end } of this.#spans.takeBefore(bytes.length)) {
      if (end <= from) continue;
      out.push(bytes.subarray(at, Math.max(at, start)), mark);
      at = end;
    }
    this.#reset();
    return Buffer.concat([...out, bytes.subarray(at)]);
  }

  #reset(): void {
    for (const part of [this.#raw, this.#plain, this.#unescaper, this.#spans]) part.reset();
    this.#base = 0;
  }

  #scan(bytes: Uint8Array, from: number): void {
    const root = this.#root;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      // Most of a log: nothing is under way and nothing begins.
      if (root[byte] === 0 && begins[byte] === 0 && this.#isIdle()) continue;
      const at = from + index;
      this.#found(this.#raw.feed(byte, at), at);
      this.#found(this.#unescaper.write(byte, at), at);
    }
  }

  #isIdle(): boolean {
    return this.#raw.state === 0 && this.#plain.state === 0 && !this.#unescaper.isOpen;
  }

  #found(start: number, at: number): void {
    if (start >= 0) this.#spans.add(start, at + 1);
  }

  /** Before this place no secret can begin whose end has not come yet. */
  #heldFrom(): number {
    const inEscape = Math.min(
      this.#unescaper.openFrom,
      this.#unescaper.isOpen ? this.#plain.savedFrom : Infinity,
    );
    return Math.min(this.#raw.heldFrom, this.#plain.heldFrom, inEscape);
  }

  /** Gives out what comes before `safe`. */
  #pass(all: Buffer, safe: number): Buffer {
    const out: Buffer[] = [];
    let at = Math.max(this.#base, this.#spans.coveredTo);
    for (const { start, end, isNew } of this.#spans.takeBefore(safe)) {
      if (isNew) out.push(all.subarray(at - this.#base, start - this.#base), mark);
      at = end;
    }
    if (at < safe) out.push(all.subarray(at - this.#base, safe - this.#base));
    // A copy, so that little is not kept in the memory of much.
    this.#held = Buffer.from(all.subarray(safe - this.#base));
    this.#base = safe;
    return out.length === 1 && out[0] ? out[0] : Buffer.concat(out);
  }
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

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
