import { Buckets } from './buckets.ts';

/** So many refusals of a caller are logged at once, then so many a second: a flood must not fill the disk with its lines. */
const rate = { perSecond: 5, burst: 50 };
const mostCallers = 1000;

/** Which refusals are logged, and how many of the same caller were left out before. */
export class BoundedLines {
  readonly #buckets: Buckets;
  readonly #leftOut = new Map<string, number>();

  constructor(now?: () => number) {
    this.#buckets = new Buckets(rate, now);
  }

  /** How many lines of this caller were left out since its last one; undefined: this one is left out too. */
  next(caller: string): number | undefined {
    const before = this.#leftOut.get(caller) ?? 0;
    if (this.#buckets.take(caller)) {
      this.#leftOut.delete(caller);
      return before;
    }
    if (this.#leftOut.size >= mostCallers) this.#leftOut.clear();
    this.#leftOut.set(caller, before + 1);
    return undefined;
  }
}
