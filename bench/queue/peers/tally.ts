/** How long the handlers of a drain may take before it is given up. */
const timeoutMs = 300_000;

/** What the handlers of one drain were given: every job, each once. */
export class Tally {
  /** Rejects when a job comes twice, or too few come in five minutes. */
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

  /** In a handler. */
  count(job: number): void {
    if (this.#seen.has(job)) this.#reject(new Error(`job ${job} was handled twice`));
    this.#seen.add(job);
    if (this.#seen.size === this.#expected) this.#resolve();
  }

  /** After `all`: nothing that came later was too much. Errors: it was. */
  check(): void {
    if (this.#seen.size !== this.#expected) throw new Error(this.#missing());
  }

  #missing(): string {
    return `${this.#seen.size} jobs of ${this.#expected} were handled`;
  }
}
