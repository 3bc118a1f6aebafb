/** Limit for the handlers of one drain. */
const timeoutMs = 300_000;

/** Counts the jobs of one drain: each must be handled once. */
export class Tally {
  /** Resolves when all jobs were handled. Rejects if one is handled twice, or some are missing after five minutes. */
  readonly all: Promise<void>;
  readonly #seen = new Set<number>();
  readonly #expected: number;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor(expected: number) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const tooLong = setTimeout(() => reject(new Error(this.#missing())), timeoutMs);
    this.all = promise.finally(() => clearTimeout(tooLong));
    this.#expected = expected;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Called by the handlers. */
  count(job: number): void {
    if (this.#seen.has(job)) this.#reject(new Error(`job ${job} was handled twice`));
    this.#seen.add(job);
    if (this.#seen.size === this.#expected) this.#resolve();
  }

  /** After `all`: throws if more jobs were handled since. */
  check(): void {
    if (this.#seen.size !== this.#expected) throw new Error(this.#missing());
  }

  #missing(): string {
    return `${this.#seen.size} jobs of ${this.#expected} were handled`;
  }
}
