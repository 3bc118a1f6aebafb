import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { within } from '../../within.ts';
import { CappedFile, mostLogBytes } from '../capped-file.ts';
import type { Adb } from './adb.ts';

/** From the second on in which it begins, by the phone's own clock. */
const script = 'exec logcat -v threadtime -T "$(date +%s).000"';
const callMs = 5000;
/** How long its last lines may take. */
const lastMs = 5000;

/** The log of a phone, written to `logcat.txt` while it comes; what is older than the last 10 MiB to `logcat-before.txt`. */
export class PhoneLog {
  readonly #adb: Adb;
  readonly #serial: string;
  readonly #folder: string;
  readonly #over: AbortSignal;
  readonly #most: number;
  /** The line that the agent itself writes to the phone's log at the end: what came before it is in the file then. */
  readonly #mark = `qgjob-end-${randomUUID()}`;
  readonly #marked = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #writing: Promise<void> = Promise.resolve();
  #hasEnded = false;

  /** `over`: ends all that is waited for. `most`: bytes. */
  constructor(adb: Adb, serial: string, folder: string, over: AbortSignal, most = mostLogBytes) {
    this.#adb = adb;
    this.#serial = serial;
    this.#folder = folder;
    this.#over = over;
    this.#most = most;
  }

  async begin(): Promise<void> {
    const child = await this.#adb.open(['-s', this.#serial, 'shell', script]);
    this.#child = child;
    child.stderr?.resume();
    this.#writing = this.#write(child).finally(() => {
      this.#hasEnded = true;
    });
    // Told at its end.
    this.#writing.catch(() => undefined);
  }

  async #write(child: ChildProcess): Promise<void> {
    const file = await CappedFile.open(this.#folder, 'logcat', this.#most);
    let last = '';
    try {
      for await (const bytes of (child.stdout ?? []) as AsyncIterable<Buffer>) {
        await file.write(bytes);
        last = `${last}${bytes.toString('latin1')}`.slice(-this.#mark.length - bytes.length);
        if (last.includes(this.#mark)) this.#marked.resolve();
      }
    } finally {
      await file.close();
    }
  }

  /** Throws, with words, when it is not whole. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const wasOver = this.#hasEnded;
    if (!wasOver) await this.#untilMark().catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.#writing;
    if (wasOver) throw new Error("the phone's log ended before the attempt did");
  }

  async #untilMark(): Promise<void> {
    const words = `log -t qgjob ${this.#mark}`;
    const answer = await this.#adb.shell(this.#serial, words, { timeoutMs: callMs, signal: this.#over });
    if (typeof answer === 'string') return;
    await within(lastMs, Promise.race([this.#marked.promise, this.#writing]), this.#over);
  }
}
