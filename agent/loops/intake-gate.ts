/** A door that the server may close for a while (a drain that it asks for). */
export class IntakeGate {
  #closing = new AbortController();
  #waiting: (() => void)[] = [];

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
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when it is open, at once if it is, or when `signal` aborts. */
  async whenOpen(signal: AbortSignal): Promise<void> {
    if (!this.#closing.signal.aborted || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
