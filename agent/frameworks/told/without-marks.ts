/** What WebdriverIO puts before each line of a worker. */
const prefix = /\[\d+-\d+\] $/;
const newLine = 0x0a;

/**
 * Output without what is left of the lines on which events stood: a prefix before them, and the end of the line. Bytes of
 * a prefix that may become one of an event's line wait for what follows.
 */
export class WithoutMarks {
  readonly #onOutput: (bytes: Buffer) => void;
  #waiting: Buffer = Buffer.alloc(0);
  #isAfterMark = false;

  constructor(onOutput: (bytes: Buffer) => void) {
    this.#onOutput = onOutput;
  }

  write(bytes: Buffer): void {
    const rest = this.#isAfterMark && bytes[0] === newLine ? bytes.subarray(1) : bytes;
    this.#isAfterMark = false;
    const all = Buffer.concat([this.#waiting, rest]);
    const begun = prefix.exec(all.toString('latin1', Math.max(0, all.length - 20)))?.[0].length ?? 0;
    this.#waiting = all.subarray(all.length - begun);
    if (all.length > begun) this.#onOutput(all.subarray(0, all.length - begun));
  }

  /** An event stands here. */
  mark(): void {
    this.#waiting = Buffer.alloc(0);
    this.#isAfterMark = true;
  }

  end(): void {
    if (this.#waiting.length > 0) this.#onOutput(this.#waiting);
    this.#waiting = Buffer.alloc(0);
  }
}
