import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../protocol/limits.ts';
import { LogCap } from './log-cap.ts';
import { Redactor } from './redactor.ts';

/**
 * Puts bytes at an offset. Answers the size that the server then has, which may be another one than asked for (an
 * append whose answer was lost, a gap), or `closed` when it will take no more.
 */
export type AppendLog = (offset: number, bytes: Uint8Array) => Promise<number | 'closed'>;

export interface LogPumpOptions {
  readonly append: AppendLog;
  readonly patterns: readonly string[];
  readonly flushMs: number;
  readonly flushBytes: number;
  /** Of the whole log. */
  readonly maxBytes?: number;
}

/**
 * The log of one attempt on its way to the server: gathered for a second or 64 KiB, redacted, capped, appended in
 * order. An append that fails stays queued for the next flush; it never harms the test.
 */
export class LogPump {
  readonly #options: LogPumpOptions;
  readonly #redactor: Redactor;
  readonly #cap: LogCap;
  #fresh: Buffer[] = [];
  #freshBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #queue = Buffer.alloc(0);
  /** Bytes of the log that the server has. */
  #sent = 0;
  #sending: Promise<void> | undefined;
  #ended = false;
  /** The server takes no more of this log. */
  #closed = false;

  constructor(options: LogPumpOptions) {
    this.#options = options;
    this.#redactor = new Redactor(options.patterns);
    this.#cap = new LogCap(options.maxBytes ?? limits.logBytes);
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#fresh.push(Buffer.from(bytes));
    this.#freshBytes += bytes.length;
    if (this.#freshBytes >= this.#options.flushBytes) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#options.flushMs);
  }

  /** True while there are bytes that the server does not have. */
  get pending(): boolean {
    return this.#queue.length > 0;
  }

  /** Ends the log and sends what is left, for at most `ms`. May be called again while something is pending. */
  async close(ms: number): Promise<void> {
    if (!this.#ended) {
      this.#flush();
      this.#ended = true;
      this.#enqueue(Buffer.concat([this.#cap.write(fromLatin1(this.#redactor.end())), this.#cap.end()]));
    }
    const over = new AbortController();
    const late = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.#sendRest(), late]);
    over.abort();
  }

  /** What is on its way may still fail, and it began before the end was known: then the end has a try of its own. */
  async #sendRest(): Promise<void> {
    await this.#sending;
    await this.#sendAll();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = Buffer.concat(this.#fresh).toString('latin1');
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#enqueue(this.#cap.write(fromLatin1(this.#redactor.write(text))));
    void this.#sendAll();
  }

  #enqueue(bytes: Buffer): void {
    if (!this.#closed) this.#queue = Buffer.concat([this.#queue, bytes]);
  }

  /** One sender at a time; a call while it sends joins it. */
  #sendAll(): Promise<void> {
    this.#sending ??= this.#sendQueue().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const chunk = this.#queue.subarray(0, limits.logChunkBytes);
      const size = await this.#options.append(this.#sent, chunk).catch(() => undefined);
      if (size === undefined) return;
      if (size === 'closed') return this.#giveUp();
      // Where nothing moves, the next flush may try again; asking at once would be a fast loop.
      if (size === this.#sent) return;
      this.#resumeAt(size);
    }
  }

  #giveUp(): void {
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#closed = true;
    this.#queue = Buffer.alloc(0);
  }

  /** What the server has is done with. It may have less than we sent (a restore): those bytes are gone from here. */
  #resumeAt(size: number): void {
    this.#queue = this.#queue.subarray(Math.max(0, Math.min(size - this.#sent, this.#queue.length)));
    this.#sent = size;
  }
}

const fromLatin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
