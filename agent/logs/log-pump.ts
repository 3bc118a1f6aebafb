import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../protocol/limits.ts';
import { LogCap } from './log-cap.ts';
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
 * The log of one attempt on its way to the server: gathered for a second or 64 KiB, redacted, capped, appended in
 * order. An append that fails stays queued for the next flush; it never harms the test.
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

  /** Of a log that has ended: what the server may not have yet. */
  get rest(): LogRest {
    return this.#upload.rest;
  }

  /**
   * Ends the log, at once, and sends what is left, for at most `ms` or until `signal` aborts. May be called again while
   * something is pending.
   */
  async close(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#ended) this.#end();
    const over = new AbortController();
    const enough = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
    const late = sleep(ms, undefined, { signal: enough }).catch(() => undefined);
    await Promise.race([this.#sendRest(), late]);
    over.abort();
  }

  /** What is still pending stays unsent: nobody waits for it any more. */
  giveUp(): void {
    this.#upload.giveUp();
  }

  #end(): void {
    this.#flush();
    this.#ended = true;
    this.#upload.add(Buffer.concat([this.#cap.write(this.#redactor.end()), this.#cap.end()]));
  }

  /** What is on its way may still fail, and it began before the end was known: then the end has a try of its own. */
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
