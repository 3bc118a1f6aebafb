/**
 * When the server last renewed our leases. An agent that could not renew for 5/6 of the time to live starts nothing
 * new: somebody else may soon own its jobs.
 */
export class Renewal {
  readonly #now: () => number;
  #ttlMs = Number.POSITIVE_INFINITY;
  #at: number;
  #waiting: (() => void)[] = [];

  /** `now` is monotonic, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  /** A call that was sent at `sentAt` was answered: the server renewed then or later. */
  mark(sentAt: number, ttlMs = this.#ttlMs): void {
    this.#ttlMs = ttlMs;
    this.#at = Math.max(this.#at, sentAt);
    if (!this.fresh()) return;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  fresh(): boolean {
    return this.#now() - this.#at < (this.#ttlMs * 5) / 6;
  }

  /** Resolves when it is fresh, at once if it is, or when `signal` aborts. */
  async whenFresh(signal: AbortSignal): Promise<void> {
    if (this.fresh() || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
