import { cleanText } from '../../protocol/clean-text.ts';

const tailBytes = 8 * 1024;

/** Masks secrets in the part of an output that begins at a place. */
export interface TailMask {
  /** A secret that begins before a place ends within this many bytes of it. */
  readonly reach: number;
  readonly maskFrom: (bytes: Buffer, from: number) => Buffer;
}

/** The last lines of an output, to be quoted in an error. */
export class OutputTail {
  readonly #mask: TailMask;
  #bytes = Buffer.alloc(0);
  #isCut = false;

  constructor(mask: TailMask) {
    this.#mask = mask;
  }

  add(bytes: Buffer): void {
    const most = tailBytes + this.#mask.reach;
    const all = Buffer.concat([this.#bytes, bytes.subarray(-most)]);
    this.#isCut ||= this.#bytes.length + bytes.length > most;
    this.#bytes = all.subarray(-most);
  }

  /** The last `count` lines that say something; empty when there was no output. */
  lines(count = 5): string {
    // The first half of a secret may have been cut off: what could be its other half is read, but not shown.
    const masked = this.#mask.maskFrom(this.#bytes, this.#isCut ? this.#mask.reach : 0).subarray(-tailBytes);
    const lines = cleanText(masked.toString('utf8')).split('\n');
    return (
      lines
        .map((line) => line.trimEnd())
        // The frames of a stack would leave no room for the error above them.
        .filter((line) => line !== '' && !/^\s+at /.test(line))
        .slice(-count)
        .join('\n')
    );
  }
}
