import { setTimeout as sleep } from 'node:timers/promises';
import { longestTimerMs, type Timing } from '../timing.ts';

/** The pause between tries: doubles with each, with jitter, never shorter than what the server asked for. */
export class BackOff {
  readonly #timing: Pick<Timing, 'backOffMs' | 'maxBackOffMs'>;
  readonly #mostAskedMs: number;
  #tries = 0;
  /** Tries in a row that were refused for the token. */
  refusals = 0;

  /** `mostAskedMs`: what the server may ask for at most. */
  constructor(
    timing: Pick<Timing, 'backOffMs' | 'maxBackOffMs'>,
    mostAskedMs: number = Number.POSITIVE_INFINITY,
  ) {
    this.#timing = timing;
    this.#mostAskedMs = mostAskedMs;
  }

  reset(): void {
    this.#tries = 0;
    this.refusals = 0;
  }

  /** The next pause in ms. */
  nextMs(atLeastMs = 0): number {
    const cap = Math.min(this.#timing.maxBackOffMs, this.#timing.backOffMs * 2 ** this.#tries);
    this.#tries += 1;
    return Math.max(Math.min(atLeastMs, this.#mostAskedMs), cap * (0.1 + 0.9 * Math.random()));
  }
}

/** Sleeps; an abort ends it early and is no error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // A longer timer, and one that is no number, would fire at once.
  const bounded = Math.min(Number.isNaN(ms) ? longestTimerMs : ms, longestTimerMs);
  await sleep(bounded, undefined, { signal }).catch(() => undefined);
}
