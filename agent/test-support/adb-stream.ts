/** One service of a connection. adb takes one packet of it at a time. */
export class AdbStream {
  receive: ((bytes: Buffer) => void) | undefined;
  /** adb has closed it, or is gone. */
  closed: (() => void) | undefined;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #close: () => void;
  readonly #waiting: Uint8Array[] = [];
  #isSending = false;
  #isEnding = false;

  constructor(send: (bytes: Uint8Array) => void, close: () => void) {
    this.#send = send;
    this.#close = close;
  }

  send(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#next();
  }

  end(): void {
    this.#isEnding = true;
    this.#next();
  }

  /** The last packet has arrived. */
  taken(): void {
    this.#isSending = false;
    this.#next();
  }

  #next(): void {
    if (this.#isSending) return;
    const bytes = this.#waiting.shift();
    if (bytes) {
      this.#isSending = true;
      this.#send(bytes);
    } else if (this.#isEnding) {
      this.#isEnding = false;
      this.#close();
    }
  }
}

/** A packet of adb's second shell protocol: 1 is the output, 3 the exit code. */
export function shellPacket(id: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = id;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
