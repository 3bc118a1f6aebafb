import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../protocol/limits.ts';
import { type AppendLog, type LogRest, LogUpload } from './log-upload.ts';
import type { Masks } from './masks.ts';
import type { Redactor } from './redactor.ts';

export interface LogPumpOptions {
  readonly append: AppendLog;
  readonly masks: Pick<Masks, 'openStream'>;
  readonly flushMs: number;
  readonly flushBytes: number;
  /** Of the whole log. */
  readonly maxBytes?: number;
}

/**
 * The log of one attempt on its way to the server: collected for a second or 64 KiB, redacted, capped, appended in
 * order. The bytes of a failed append stay queued for the next flush; a failure never disturbs the test.
 */
export class LogPump {
  readonly #options: LogPumpOptions;
  readonly #redactor: Redactor;
  readonly #cap: LogCap;
  readonly #upload: LogUpload;
  #fresh: Buffer[] = [];
  #freshBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: LogPumpOptions) {
    this.#options = options;
    this.#redactor = options.masks.openStream();
    this.#cap = new LogCap(options.maxBytes ?? limits.logBytes);
    this.#upload = new LogUpload(options.append);
  }

  write(bytes: Uint8Array): void {
    if (this.#ended || this.#upload.closed) return;
    this.#fresh.push(Buffer.from(bytes));
    this.#freshBytes += bytes.length;
    if (this.#freshBytes >= this.#options.flushBytes) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#options.flushMs);
  }

  /** True while there are bytes that the server does not have. */
  get pending(): boolean {
    return this.#upload.pending;
  }

  /** After the end of the log: the part that the server may not have yet. */
  get rest(): LogRest {
    return this.#upload.rest;
  }

  /**
   * Ends the log at once and sends the rest, for at most `ms` or until `signal` aborts. May be called again while bytes
   * are pending.
   */
  async close(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#ended) this.#end();
    const over = new AbortController();
    const enough = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
    const late = sleep(ms, undefined, { signal: enough }).catch(() => undefined);
    await Promise.race([this.#sendRest(), late]);
    over.abort();
  }

  /** Adds a line, which must be masked, to a log that has ended; best effort. */
  addLine(line: string): Promise<void> {
    this.#upload.add(Buffer.from(`${line}\n`));
    return this.#upload.send();
  }

  /** Drops what is still pending. */
  giveUp(): void {
    this.#upload.giveUp();
  }

  #end(): void {
    this.#flush();
    this.#ended = true;
    this.#upload.add(Buffer.concat([this.#cap.write(this.#redactor.end()), this.#cap.end()]));
  }

  /** A send that began before the log ended may fail: the end of the log gets a try of its own. */
  async #sendRest(): Promise<void> {
    await this.#upload.send();
    await this.#upload.send();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = Buffer.concat(this.#fresh);
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#upload.add(this.#cap.write(this.#redactor.write(bytes)));
    void this.#upload.send();
  }
}

/** Room for the line between the beginning and the end. */
const lineBytes = 128;

/**
 * Limits the size of a log: its beginning passes at once, of the rest only the end is kept, with one line between that
 * says how many bytes were left out.
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
    // Where nothing was left out, the room of the line is used too: a log within the size passes whole.
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
