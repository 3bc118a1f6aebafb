import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Ask, Asker } from './find-askers.ts';
import { fulfilled, rejected } from './together.ts';

/** How long an ask may be held, and what ends it early. */
export interface Patience {
  readonly waitMs: number;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** Throws once the caller's token no longer holds; asked before a lease is made for an ask that was held. */
  readonly recheck: () => Promise<unknown>;
}

/** A device that waits for work; answered once. */
export class Waiter {
  readonly ask: Ask;
  readonly asker: Asker;
  readonly answered: Promise<Lease | undefined>;
  /** A look has found nothing for it: it waits for what happens. */
  isHeld = false;
  readonly #patience: Patience;
  readonly #onAnswered: () => void;
  readonly #resolvers: PromiseWithResolvers<Lease | undefined>;
  readonly #timer: NodeJS.Timeout | undefined;
  #isAnswered = false;
  #isTaking = false;
  /** Its time is over, or its caller is gone. */
  #isOver = false;

  constructor(ask: Ask, asker: Asker, patience: Patience, onAnswered: () => void) {
    this.ask = ask;
    this.asker = asker;
    this.#patience = patience;
    this.#onAnswered = onAnswered;
    this.#resolvers = Promise.withResolvers();
    this.answered = this.#resolvers.promise;
    if (patience.waitMs > 0) this.#timer = setTimeout(this.end, patience.waitMs);
    patience.signal.addEventListener('abort', this.end);
  }

  /** A lease is being written for it. */
  get isTaking(): boolean {
    return this.#isTaking;
  }

  /** Nobody is there any more to answer. */
  get isGone(): boolean {
    return this.#patience.signal.aborted;
  }

  /** It may be given work. */
  get isOpen(): boolean {
    return !this.#isAnswered && !this.#isOver;
  }

  answer(result: PromiseSettledResult<Lease | undefined>): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    this.#patience.signal.removeEventListener('abort', this.end);
    if (result.status === 'fulfilled') this.#resolvers.resolve(result.value);
    else this.#resolvers.reject(result.reason);
    this.#onAnswered();
  }

  /** Nothing for it any more; once a lease is being written, that one still is. */
  readonly end = (): void => {
    this.#isOver = true;
    if (!this.#isTaking) this.answer(fulfilled(undefined));
  };

  /** Its caller may still have what its token let it ask for. */
  async confirm(): Promise<void> {
    if (!this.isHeld) return;
    await this.#patience.recheck().catch((error) => this.answer(rejected(error)));
  }

  /** True when a lease may be written for it now. */
  take(): boolean {
    this.#isTaking = this.isOpen;
    return this.#isTaking;
  }

  /** Nothing came of that. */
  giveBack(): void {
    this.#isTaking = false;
    if (this.#isOver) this.end();
  }

  /** A look found nothing for it: it waits on where it has time. */
  hold(): void {
    this.isHeld = true;
    if (this.#patience.waitMs <= 0) this.end();
  }
}
