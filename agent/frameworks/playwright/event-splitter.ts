/** A longer event is no event of the reporter: it passes as output. In bytes. */
const longestEvent = 16 * 1024 * 1024;
const bell = 0x07;

/** Separates the events of the reporter from the output around them (see reporter.cjs), in their order. */
export class EventSplitter {
  readonly #mark: Buffer;
  readonly #onOutput: (bytes: Buffer) => void;
  readonly #onEvent: (json: string) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(nonce: string, onOutput: (bytes: Buffer) => void, onEvent: (json: string) => void) {
    this.#mark = Buffer.from(`\u001b]qgjob;${nonce};`);
    this.#onOutput = onOutput;
    this.#onEvent = onEvent;
  }

  write(bytes: Buffer): void {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const begin = all.indexOf(this.#mark);
      const cut = begin === -1 ? all.length - this.#begunMark(all) : begin;
      if (cut > 0) this.#onOutput(all.subarray(0, cut));
      all = all.subarray(cut);
      const end = begin === -1 ? -1 : all.indexOf(bell);
      if (end === -1) break;
      this.#onEvent(all.toString('utf8', this.#mark.length, end));
      all = all.subarray(end + 1);
    }
    this.#rest = Buffer.from(all);
    if (this.#rest.length > longestEvent) this.end();
  }

  /** What is not complete passes as output. */
  end(): void {
    if (this.#rest.length > 0) this.#onOutput(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  /** How many of the last bytes may be the beginning of a mark. */
  #begunMark(bytes: Buffer): number {
    for (let length = Math.min(this.#mark.length - 1, bytes.length); length > 0; length -= 1)
      if (bytes.subarray(-length).equals(this.#mark.subarray(0, length))) return length;
    return 0;
  }
}
