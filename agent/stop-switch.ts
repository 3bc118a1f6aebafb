/** A bounded wait of an agent that ends. */
export interface Deadline {
  /** Aborts `ms` after the end began, or after this was made, whichever is later. */
  readonly signal: AbortSignal;
  clear(): void;
}

/** How the agent ends: a drain lets running tests finish, a kill does not. */
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

  /** Limits how long an agent that ends still waits for something. */
  afterDrain(ms: number): Deadline {
    return deadlineAfter(this.drain, ms);
  }

  /** The same for an agent that is told to leave at once. */
  afterKill(ms: number): Deadline {
    return deadlineAfter(this.kill, ms);
  }
}

function deadlineAfter(begin: AbortSignal, ms: number): Deadline {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => late.abort(), ms);
  };
  if (begin.aborted) start();
  else begin.addEventListener('abort', start);
  return {
    signal: late.signal,
    clear: () => {
      clearTimeout(timer);
      begin.removeEventListener('abort', start);
    },
  };
}
