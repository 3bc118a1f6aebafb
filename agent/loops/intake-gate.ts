/** All that wait for one condition. */
class Waiters {
  #waiting: (() => void)[] = [];

  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves at the next `wake`, or when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** Closed while the server asks for a drain: then nothing new is taken or started. */
export class IntakeGate {
  #closing = new AbortController();
  readonly #waiters = new Waiters();

  /** Aborted while the gate is closed; another signal after each opening. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  set(open: boolean): void {
    if (open === !this.#closing.signal.aborted) return;
    if (!open) {
      this.#closing.abort();
      return;
    }
    this.#closing = new AbortController();
    this.#waiters.wake();
  }

  /** Resolves when it is open, at once if it is, or when `signal` aborts. */
  async whenOpen(signal: AbortSignal): Promise<void> {
    if (this.#closing.signal.aborted && !signal.aborted) await this.#waiters.wait(signal);
  }
}

/**
 * When the server last renewed our leases. An agent that could not renew for 5/6 of the lease time starts nothing new:
 * its jobs may soon belong to another one.
 */
export class Renewal {
  readonly #now: () => number;
  readonly #waiters = new Waiters();
  #ttlMs = Number.POSITIVE_INFINITY;
  #at: number;

  /** `now` is monotonic, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  /** A call that was sent at `sentAt` was answered: the server renewed at that moment or later. */
  mark(sentAt: number, ttlMs = this.#ttlMs): void {
    this.#ttlMs = ttlMs;
    this.#at = Math.max(this.#at, sentAt);
    if (this.fresh()) this.#waiters.wake();
  }

  fresh(): boolean {
    return this.#now() - this.#at < (this.#ttlMs * 5) / 6;
  }

  /** Resolves when it is fresh, at once if it is, or when `signal` aborts. */
  async whenFresh(signal: AbortSignal): Promise<void> {
    if (!this.fresh() && !signal.aborted) await this.#waiters.wait(signal);
  }
}
