interface Bucket {
  /** How many are left, at `at`. */
  left: number;
  at: number;
}

export interface Rate {
  readonly perSecond: number;
  /** So many at once, after a pause. */
  readonly burst: number;
}

const mostBuckets = 10_000;

/** Token buckets by key, in memory: each server has its own. A key that was not seen has a full one. */
export class Buckets {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: ms, of any clock that does not go back. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes one; false, and takes nothing, where none is left. */
  take(key: string): boolean {
    const bucket = this.#find(key);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    this.#keep(key, bucket);
    return true;
  }

  isEmpty(key: string): boolean {
    return this.#find(key).left < 1;
  }

  #find(key: string): Bucket {
    const now = this.#now();
    const { left, at } = this.#buckets.get(key) ?? { left: this.#rate.burst, at: now };
    return { left: Math.min(this.#rate.burst, left + ((now - at) / 1000) * this.#rate.perSecond), at: now };
  }

  /** The one that was used last stands last, so that the first one is the least of a loss. */
  #keep(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > mostBuckets && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
