import { QgjobError } from '../../protocol/errors.ts';

/** How many calls each caller has open: held polls, streams, downloads that are read slowly, uploads. */
export class CallsInFlight {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The end of the call, to be called once. Errors: `rate_limited` where the caller has too many open. */
  enter(caller: string): () => void {
    const open = this.#open.get(caller) ?? 0;
    if (open >= this.#most)
      throw new QgjobError(
        'rate_limited',
        `${open} calls of ${caller} are open, and more are not taken here; end one, or try again`,
      );
    this.#open.set(caller, open + 1);
    return () => this.#leave(caller);
  }

  #leave(caller: string): void {
    const open = (this.#open.get(caller) ?? 1) - 1;
    if (open > 0) this.#open.set(caller, open);
    else this.#open.delete(caller);
  }
}
