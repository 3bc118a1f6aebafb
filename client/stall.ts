import { QgjobError } from '../protocol/errors.ts';

/** Aborts, with `unavailable`, when nothing has gone on for so long: a connection may be dead without saying so. */
export class Stall {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** `ms`: at most 2^31 - 1. */
  constructor(ms: number, url: string) {
    const reason = new QgjobError('unavailable', `${url}: no bytes went on for ${Math.round(ms / 1000)} s`);
    this.#timer = setTimeout(() => this.#over.abort(reason), ms);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Something went on. */
  restart(): void {
    this.#timer.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
