/** What a held call listens to. */
export type BellKey = `run:${string}` | `job:${string}` | `pool:${number}` | `agent:${string}`;

/** One held call's ear. Made before the first look, so that what happens meanwhile is not missed. */
export interface Listener {
  /** True once it rang; false after `ms`, or when the caller went away or the server stops. */
  wait(ms: number, signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

interface Ear {
  rang: boolean;
  wake: (() => void) | undefined;
}

/** Wakes held calls. Costs an entry in a map per held call, and nothing while nothing happens. */
export class Doorbell {
  readonly #ears = new Map<BellKey, Set<Ear>>();
  readonly #stopped = new AbortController();

  listen(key: BellKey): Listener {
    const ear: Ear = { rang: false, wake: undefined };
    const close = this.#add(key, ear);
    return { wait: (ms, signal) => this.#wait(ear, ms, signal), close };
  }

  /** Calls `wake` at every ring and at the stop, until the function that it answers is called. */
  subscribe(key: BellKey, wake: () => void): () => void {
    const ear: Ear = {
      rang: false,
      wake: () => {
        ear.rang = false;
        wake();
      },
    };
    return this.#add(key, ear);
  }

  /** Wakes up to `n` of those that listen, the longest waiting first. */
  ring(key: BellKey, n = Number.POSITIVE_INFINITY): void {
    const ears = this.#ears.get(key);
    let left = n;
    for (const ear of ears ?? []) {
      if (left <= 0) break;
      if (ear.rang) continue;
      ear.rang = true;
      ear.wake?.();
      left -= 1;
    }
  }

  /** Answers every held call, now and from now on. */
  stop(): void {
    this.#stopped.abort();
    for (const key of this.#ears.keys()) this.ring(key);
  }

  get stopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #add(key: BellKey, ear: Ear): () => void {
    const ears = this.#ears.get(key) ?? new Set();
    this.#ears.set(key, ears.add(ear));
    return () => {
      ears.delete(ear);
      if (ears.size === 0 && this.#ears.get(key) === ears) this.#ears.delete(key);
    };
  }

  async #wait(ear: Ear, ms: number, signal?: AbortSignal): Promise<boolean> {
    if (!ear.rang && ms > 0 && !this.stopped && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          ear.wake = undefined;
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal?.addEventListener('abort', end);
        ear.wake = end;
      });
    }
    const rang = ear.rang && !this.stopped;
    ear.rang = false;
    return rang;
  }
}
