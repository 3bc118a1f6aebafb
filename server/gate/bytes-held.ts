import { QgjobError } from '../../protocol/errors.ts';

/** How many bytes of answers wait in memory for each caller to take them. */
export class BytesHeld {
  readonly #most: number;
  readonly #held = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * The end of it, to be called once. One answer of any size is let through. Errors: `rate_limited` where the caller has let
   * others wait.
   */
  hold(caller: string, bytes: number): () => void {
    const held = this.#held.get(caller) ?? 0;
    if (held > 0 && held + bytes > this.#most)
      throw new QgjobError(
        'rate_limited',
        `${held} bytes of answers wait for ${caller}, and more are not kept here; read them, or ask for less`,
      );
    this.#held.set(caller, held + bytes);
    return () => this.#leave(caller, bytes);
  }

  #leave(caller: string, bytes: number): void {
    const held = (this.#held.get(caller) ?? bytes) - bytes;
    if (held > 0) this.#held.set(caller, held);
    else this.#held.delete(caller);
  }
}
