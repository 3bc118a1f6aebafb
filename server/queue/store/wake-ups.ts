/** The object whose changes a long poll waits for. */
export type WakeUpKey = `run:${string}` | `job:${string}` | `pool:${number}` | `agent:${string}`;

/** Lets one long poll wait. Made before the first read, so that nothing in between is missed. */
export interface Listener {
  /** True once it is woken; false after `ms`, when the caller goes away, and when the server stops. */
  wait(ms: number, signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

interface Sleeper {
  wasWoken: boolean;
  onWake: (() => void) | undefined;
}

/** Wakes long polls. A long poll costs an entry in a map, and nothing more until it is woken. */
export class WakeUps {
  readonly #sleepers = new Map<WakeUpKey, Set<Sleeper>>();
  readonly #stopped = new AbortController();

  listen(key: WakeUpKey): Listener {
    const sleeper: Sleeper = { wasWoken: false, onWake: undefined };
    const close = this.#add(key, sleeper);
    return { wait: (ms, signal) => this.#wait(sleeper, ms, signal), close };
  }

  /** Calls `wake` at every wake-up and at the stop. Returns the function that ends this. */
  subscribe(key: WakeUpKey, wake: () => void): () => void {
    const sleeper: Sleeper = {
      wasWoken: false,
      onWake: () => {
        sleeper.wasWoken = false;
        wake();
      },
    };
    return this.#add(key, sleeper);
  }

  /** Wakes up to `n` listeners, the longest waiting first. */
  wake(key: WakeUpKey, n = Number.POSITIVE_INFINITY): void {
    const sleepers = this.#sleepers.get(key);
    let left = n;
    for (const sleeper of sleepers ?? []) {
      if (left <= 0) break;
      if (sleeper.wasWoken) continue;
      sleeper.wasWoken = true;
      sleeper.onWake?.();
      left -= 1;
    }
  }

  /** Wakes all long polls; from now on none waits. */
  stop(): void {
    this.#stopped.abort();
    for (const key of this.#sleepers.keys()) this.wake(key);
  }

  get stopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #add(key: WakeUpKey, sleeper: Sleeper): () => void {
    const sleepers = this.#sleepers.get(key) ?? new Set();
    this.#sleepers.set(key, sleepers.add(sleeper));
    return () => {
      sleepers.delete(sleeper);
      if (sleepers.size === 0 && this.#sleepers.get(key) === sleepers) this.#sleepers.delete(key);
    };
  }

  async #wait(sleeper: Sleeper, ms: number, signal?: AbortSignal): Promise<boolean> {
    if (!sleeper.wasWoken && ms > 0 && !this.stopped && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          sleeper.onWake = undefined;
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal?.addEventListener('abort', end);
        sleeper.onWake = end;
      });
    }
    const wasWoken = sleeper.wasWoken && !this.stopped;
    sleeper.wasWoken = false;
    return wasWoken;
  }
}
