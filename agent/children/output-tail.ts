import { cleanText } from '../../client/clean-text.ts';

const keptBytes = 8 * 1024;

/** The last lines of an output, for an error that has nothing better to quote. */
export class OutputTail {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(-keptBytes);
  }

  /** The last `count` lines that say something; empty when there was no output. */
  lines(count = 5): string {
    const lines = cleanText(this.#bytes.toString('utf8')).split('\n');
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
