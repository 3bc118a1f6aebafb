import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../protocol/limits.ts';

/**
 * Appends bytes at an offset. Answers the size that the log then has on the server, which may differ from what was
 * expected (an append whose answer was lost, a gap); `closed` when the server takes no more; `refused` when something
 * on the way may not let these bytes through. `signal` aborts when the log is given up.
 */
export type AppendLog = (
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
) => Promise<number | 'closed' | 'refused'>;

/** Bytes of one append: fewer than the server takes, so that a slow network is in time. */
const chunkBytes = limits.logChunkBytes / 4;
/** What is refused is sent in smaller and smaller pieces, so that little is lost with the refused words. */
const leastBytes = 2048;
/** So many refusals in a row, with a pause between them, before a piece is given up. */
const refusals = 3;
const pauseMs = 250;
/** After so many lost pieces the next refused ones are given up without a pause. */
const known = 3;

/** Sizes other than the expected one that are accepted for one log. */
const mostSurprises = 100;

/** The part of a log that the server may not have yet, and where in the log it begins. */
export interface LogRest {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * The bytes of one log on their way to the server, in order. Those of a failed append stay queued for the next `send`.
 */
export class LogUpload {
  readonly #append: AppendLog;
  readonly #over = new AbortController();
  #queue: Buffer;
  /** Bytes of the log that the server has. */
  #sent: number;
  #sending: Promise<void> | undefined;
  #surprises = 0;
  #pieceBytes: number = chunkBytes;
  #refused = 0;
  #lost = 0;

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

  /** Sends what is queued, until the server does not answer. A call while it sends waits for the same end. */
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
      const piece = this.#queue.subarray(0, this.#pieceBytes);
      const size = await this.#put(piece);
      if (size === undefined || this.closed) return;
      if (size === 'refused') {
        if (!(await this.#afterRefusal(piece))) return;
        continue;
      }
      if (size === 'closed' || !this.#isPossible(size, piece)) return this.giveUp();
      // Nothing was taken: the next flush tries again; to try at once could be an endless fast loop.
      if (size === this.#sent) return;
      this.#wentThrough();
      this.#resumeAt(size);
    }
  }

  /**
   * The server may have more than expected (an answer was lost) or less (a restored database), but not more than the
   * log has, and not an unexpected size again and again.
   */
  #isPossible(size: number, chunk: Buffer): boolean {
    if (size !== this.#sent + chunk.length) this.#surprises += 1;
    const isSize = Number.isSafeInteger(size) && size >= 0 && size <= this.#sent + this.#queue.length;
    return isSize && this.#surprises <= mostSurprises;
  }

  #put(bytes: Uint8Array): Promise<number | 'closed' | 'refused' | undefined> {
    return this.#append(this.#sent, bytes, this.#over.signal).catch(() => undefined);
  }

  /** False: nothing gets through now; the bytes stay queued. */
  async #afterRefusal(piece: Buffer): Promise<boolean> {
    this.#refused += 1;
    const isSmallest = piece.length <= leastBytes;
    this.#pieceBytes = Math.max(leastBytes, Math.floor(this.#pieceBytes / 16));
    if (this.#refused >= refusals && isSmallest) return this.#leaveOut(piece);
    if (this.#lost < known)
      await sleep(pauseMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
    return !this.closed;
  }

  /** Sends a line in place of a piece. Only if that is taken, the piece was refused for its bytes, and is left out. */
  async #leaveOut(piece: Buffer): Promise<boolean> {
    const line = `\n[qgjob] ${piece.length} bytes of this log were refused on the way to the server\n`;
    const size = await this.#put(Buffer.from(line));
    if (typeof size !== 'number' || size <= this.#sent || this.closed) return false;
    this.#queue = this.#queue.subarray(piece.length);
    this.#sent = size;
    this.#lost += 1;
    this.#wentThrough();
    return true;
  }

  #wentThrough(): void {
    this.#refused = this.#lost < known ? 0 : refusals - 1;
    this.#pieceBytes = Math.min(chunkBytes, this.#pieceBytes * 4);
  }

  /** Goes on behind what the server has. If that is less than was sent (a restore), the bytes between are lost. */
  #resumeAt(size: number): void {
    this.#queue = this.#queue.subarray(Math.max(0, size - this.#sent));
    this.#sent = size;
  }
}
