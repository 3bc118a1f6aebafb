import type { Lease } from '../../../protocol/shapes/agent.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import { whyEnded } from '../store/ended-call.ts';
import type { LeaseRequest, Requester } from './lease-requests.ts';

/** How long a lease request may wait, and what ends it early. */
export interface PollOptions {
  readonly waitMs: number;
  /** Aborts when the caller goes away, or its token ends (`whyEnded`). */
  readonly signal: AbortSignal;
  /** Throws once the caller's token is no longer valid; called before a request that has waited gets a lease. */
  readonly recheck: () => Promise<unknown>;
}

/**
 * - `new`: not yet part of a plan.
 * - `waiting`: the last plan had nothing for it.
 * - `leasing`: a lease is being written for it. `before` is the state before that. `isLate`: its time has ended
 *   meanwhile, so its answer is this lease or nothing.
 * - `answered`: the caller has its answer.
 */
type State =
  | { readonly name: 'new' | 'waiting' | 'answered' }
  | { readonly name: 'leasing'; readonly before: 'new' | 'waiting'; readonly isLate: boolean };

/** A lease request that waits for work: one long poll of one device, answered once. */
export class LeasePoll {
  readonly request: LeaseRequest;
  readonly requester: Requester;
  readonly answered: Promise<Lease | undefined>;
  readonly #options: PollOptions;
  readonly #onAnswered: () => void;
  readonly #resolvers: PromiseWithResolvers<Lease | undefined>;
  readonly #timer: NodeJS.Timeout | undefined;
  #state: State = { name: 'new' };

  constructor(request: LeaseRequest, requester: Requester, options: PollOptions, onAnswered: () => void) {
    this.request = request;
    this.requester = requester;
    this.#options = options;
    this.#onAnswered = onAnswered;
    this.#resolvers = Promise.withResolvers();
    this.answered = this.#resolvers.promise;
    if (options.waitMs > 0) this.#timer = setTimeout(this.end, options.waitMs);
    options.signal.addEventListener('abort', this.end);
  }

  get state(): State['name'] {
    return this.#state.name;
  }

  /** A plan may give it a lease. */
  get isOpen(): boolean {
    return this.#state.name === 'new' || this.#state.name === 'waiting';
  }

  /** The caller has gone away, or its token has ended: nobody would run the jobs of a lease. */
  get isGone(): boolean {
    return this.#options.signal.aborted;
  }

  answer(result: PromiseSettledResult<Lease | undefined>): void {
    if (this.#state.name === 'answered') return;
    this.#state = { name: 'answered' };
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.end);
    const ended = whyEnded(this.#options.signal);
    if (ended) this.#resolvers.reject(ended);
    else if (result.status === 'fulfilled') this.#resolvers.resolve(result.value);
    else this.#resolvers.reject(result.reason);
    this.#onAnswered();
  }

  /** Its time is over. A lease that is being written for it now is still its answer. */
  readonly end = (): void => {
    if (this.#state.name === 'leasing') this.#state = { ...this.#state, isLate: true };
    else this.answer(fulfilled(undefined));
  };

  /** Answers a request that has waited with an error where its token is no longer valid. */
  async recheck(): Promise<void> {
    if (this.#state.name !== 'waiting') return;
    await this.#options.recheck().catch((error) => this.answer(rejected(error)));
  }

  /** Marks that a lease is being written for it; false where it wants none any more. */
  beginLease(): boolean {
    const { name } = this.#state;
    if (name !== 'new' && name !== 'waiting') return false;
    this.#state = { name: 'leasing', before: name, isLate: false };
    return true;
  }

  /** The write made no lease for it. */
  leaseFailed(): void {
    if (this.#state.name !== 'leasing') return;
    const { before, isLate } = this.#state;
    this.#state = { name: before };
    if (isLate) this.end();
  }

  /** A plan is over; where that had nothing for it, it waits, or ends where it has no time. */
  planned(): void {
    if (this.#state.name === 'new') this.#state = { name: 'waiting' };
    if (this.#options.waitMs <= 0) this.end();
  }
}
