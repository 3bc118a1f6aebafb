/** How the agent comes to its end: a drain lets running tests finish, a kill does not. */
export class StopSwitch {
  readonly #drain = new AbortController();
  readonly #kill = new AbortController();
  #exitCode = 0;

  /** Nothing new is taken or started. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Running tests are killed and reported as interrupted. */
  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  requestDrain(): void {
    this.#drain.abort();
  }

  /** The exit code of an earlier reason stays. */
  requestKill(exitCode: number): void {
    if (this.#kill.signal.aborted) return;
    this.#exitCode = exitCode;
    this.#drain.abort();
    this.#kill.abort();
  }
}
