import { limits } from '../../protocol/limits.ts';

/**
 * Puts bytes at an offset. Answers the size that the server then has, which may be another one than asked for (an
 * append whose answer was lost, a gap), or `closed` when it will take no more. Aborted once nobody waits for it.
 */
export type AppendLog = (
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
) => Promise<number | 'closed'>;

/** Of one append: less than the server takes, so that a slow network has it through in time. */
const chunkBytes = limits.logChunkBytes / 4;

/** Answers other than the expected one, in the life of a log. */
const mostSurprises = 100;

/** The part of a log that the server may not have yet, and where in the log it begins. */
export interface LogRest {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Bytes of one log on their way to the server, in order. An append that fails stays queued for the next `send`. */
export class LogUpload {
  readonly #append: AppendLog;
  readonly #over = new AbortController();
  #queue: Buffer;
  /** Bytes of the log that the server has. */
  #sent: number;
  #sending: Promise<void> | undefined;
  #surprises = 0;

  constructor(append: AppendLog, rest: LogRest = { offset: 0, bytes: Buffer.alloc(0) }) {
    this.#append = append;
    this.#sent = rest.offset;
    this.#queue = rest.bytes;
  }

  /** True while there are bytes that the server does not have. */
  get pending(): boolean {
    return this.#queue.length > 0;
  }

  /** No more of this log will be sent: the server closed it, or it was given up. */
  get closed(): boolean {
    return this.#over.signal.aborted;
  }

  get rest(): LogRest {
    return { offset: this.#sent, bytes: this.#queue };
  }

  add(bytes: Buffer): void {
    if (!this.closed) this.#queue = Buffer.concat([this.#queue, bytes]);
  }

  /** Sends what is there, until the server does not answer. One sender at a time; a call while it sends joins it. */
  send(): Promise<void> {
    this.#sending ??= this.#sendQueue().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  giveUp(): void {
    this.#queue = Buffer.alloc(0);
    this.#over.abort();
  }

  async #sendQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const chunk = this.#queue.subarray(0, chunkBytes);
      const size = await this.#append(this.#sent, chunk, this.#over.signal).catch(() => undefined);
      if (size === undefined || this.closed) return;
      if (size === 'closed' || !this.#isPossible(size, chunk)) return this.giveUp();
      // Where nothing moves, the next flush may try again; asking at once would be a fast loop.
      if (size === this.#sent) return;
      this.#resumeAt(size);
    }
  }

  /**
   * A server may have more than this append brought (an answer was lost) or less than was sent (a restore), but not any
   * size at all, and not another one again and again.
   */
  #isPossible(size: number, chunk: Buffer): boolean {
    if (size !== this.#sent + chunk.length) this.#surprises += 1;
    const isSize = Number.isSafeInteger(size) && size >= 0 && size <= this.#sent + this.#queue.length;
    return isSize && this.#surprises <= mostSurprises;
  }

  /** What the server has is done with. It may have less than we sent: those bytes are gone from here. */
  #resumeAt(size: number): void {
    this.#queue = this.#queue.subarray(Math.max(0, size - this.#sent));
    this.#sent = size;
  }
}
