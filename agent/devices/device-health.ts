import type { StopReason } from '../children/signal-ladder.ts';
import type { Fault } from './fault.ts';

/** What the last looks at a device have found. */
export class DeviceHealth {
  #fault: Fault | undefined;
  #well = Promise.withResolvers<void>();
  #fell = new AbortController();
  #broke = new AbortController();
  /** The last fault that breaks tests, and when it was last seen. */
  #lastBreak: { readonly why: string; readonly at: number } | undefined;

  /** Undefined: nothing is wrong, as far as is known. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** Aborts when something is found to be wrong; another one after the device was well again. */
  get fell(): AbortSignal {
    return this.#fell.signal;
  }

  /** Aborts when a test that runs has to end. */
  get broke(): AbortSignal {
    return this.#broke.signal;
  }

  /** Notes a look at `at`, ms of the agent's clock. True when it has found something new; numbers in the words do not count. */
  note(fault: Fault | undefined, at: number): boolean {
    const isNew = kindOf(fault) !== kindOf(this.#fault);
    const wasWell = this.#fault === undefined;
    this.#fault = fault;
    if (fault?.breaksTests) this.#lastBreak = { why: fault.why, at };
    if (fault === undefined) {
      this.#well.resolve();
      if (this.#fell.signal.aborted) this.#fell = new AbortController();
      if (this.#broke.signal.aborted) this.#broke = new AbortController();
      return isNew;
    }
    // Whoever waits waits for the end of all faults.
    if (wasWell) this.#well = Promise.withResolvers<void>();
    this.#fell.abort();
    if (fault.breaksTests) this.#broke.abort('interrupted' satisfies StopReason);
    return isNew;
  }

  /** What broke tests that ran at or after `at`, in words. */
  brokenSince(at: number): string | undefined {
    return this.#lastBreak && this.#lastBreak.at >= at ? this.#lastBreak.why : undefined;
  }

  /** Resolves when nothing is wrong, or `over` aborts. */
  async whenWell(over: AbortSignal): Promise<void> {
    while (this.#fault !== undefined && !over.aborted) {
      const ended = Promise.withResolvers<void>();
      const onAbort = (): void => ended.resolve();
      over.addEventListener('abort', onAbort, { once: true });
      await Promise.race([this.#well.promise, ended.promise]);
      over.removeEventListener('abort', onAbort);
    }
  }
}

const kindOf = (fault: Fault | undefined): string | undefined => fault?.why.replaceAll(/\d+/g, '#');
