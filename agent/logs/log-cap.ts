/** Room for the line between the two parts. */
const lineBytes = 128;

/**
 * Keeps a log within its size: the first part passes at once, of the rest only the end is kept, with one line
 * between that says how much was left out.
 */
export class LogCap {
  readonly #tailBytes: number;
  #headLeft: number;
  #tail: Buffer[] = [];
  #tailSize = 0;
  #dropped = 0;

  /** `bytes` in all, a fifth of it for the end. */
  constructor(bytes: number) {
    this.#tailBytes = Math.floor(bytes / 5);
    this.#headLeft = bytes - this.#tailBytes - lineBytes;
  }

  /** What may be sent now. */
  write(bytes: Buffer): Buffer {
    const head = bytes.subarray(0, this.#headLeft);
    this.#headLeft -= head.length;
    this.#keep(bytes.subarray(head.length));
    return head;
  }

  /** The end of the log. */
  end(): Buffer {
    const tail = Buffer.concat(this.#tail);
    this.#tail = [];
    // Without the line there is room for a little more: a log within the size passes whole.
    if (this.#dropped === 0 && tail.length <= this.#tailBytes + lineBytes) return tail;
    const over = Math.max(0, tail.length - this.#tailBytes);
    const line = `\n[qgjob: ${this.#dropped + over} bytes of this log were left out]\n`;
    return Buffer.concat([Buffer.from(line), tail.subarray(over)]);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#tail.push(Buffer.from(bytes));
    this.#tailSize += bytes.length;
    for (
      let first = this.#tail[0];
      first && this.#tailSize - first.length >= this.#tailBytes + lineBytes;
      first = this.#tail[0]
    ) {
      this.#tail.shift();
      this.#tailSize -= first.length;
      this.#dropped += first.length;
    }
  }
}
