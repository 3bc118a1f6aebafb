import { cleanText } from '../../protocol/clean-text.ts';

const keptBytes = 8 * 1024;

/** Masks a part of an output: what stands from this place on. */
export interface TailMask {
  /** A secret that begins before a place ends within this many bytes of it. */
  readonly reach: number;
  readonly maskFrom: (bytes: Buffer, from: number) => Buffer;
}

/** The last lines of an output, for an error that has nothing better to quote. */
export class OutputTail {
  readonly #mask: TailMask;
  #bytes = Buffer.alloc(0);
  #isCut = false;

  constructor(mask: TailMask) {
    this.#mask = mask;
  }

  add(bytes: Buffer): void {
    const most = keptBytes + this.#mask.reach;
    const all = Buffer.concat([this.#bytes, bytes.subarray(-most)]);
    this.#isCut ||= this.#bytes.length + bytes.length > most;
    this.#bytes = all.subarray(-most);
  }

  /** The last `count` lines that say something; empty when there was no output. */
  lines(count = 5): string {
    // What was cut off may be the first half of a secret: what could be the other half is looked at, and not told.
    const told = this.#mask.maskFrom(this.#bytes, this.#isCut ? this.#mask.reach : 0).subarray(-keptBytes);
    const lines = cleanText(told.toString('utf8')).split('\n');
    return (
      lines
        .map((line) => line.trimEnd())
        // The frames of a stack would push out the error that they belong to.
        .filter((line) => line !== '' && !/^\s+at /.test(line))
        .slice(-count)
        .join('\n')
    );
  }
}
