import type { Plan } from './api/read-plan.ts';
import { StackError, type StackTrouble } from './api/stack-error.ts';

/** A plan is read at most so often; all slots of an account share it. In ms. */
const freshMs = 15_000;
/** The same while it is full: a phone that others leave should be used soon. */
const fullMs = 8000;
/** The same where it gave no answer. */
const awayMs = 3000;
/** After "fewer requests": so long nothing is asked, at first; then twice as long, up to the most. In ms. */
const pauseMs = 30_000;
const longestPauseMs = 5 * 60_000;

export interface CapacityParts {
  readonly readPlan: () => Promise<Plan>;
  /** Monotonic, in ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What keeps a slot from its next test, in words. */
export interface NoRoom {
  readonly kind: StackTrouble | 'full';
  readonly why: string;
}

interface Seen {
  readonly plan: Plan;
  /** How many slots of this agent had an attempt: each is one of the running sessions. */
  readonly own: number;
}

/**
 * Whether slots of this agent may begin another test at an account, which others use too. The running sessions of a plan count
 * those of this agent: a slot with an attempt is not full because of its own session, and one that has just become free does
 * not wait until the plan says so. A lease without an attempt yet, as in its set-up, has no session: it takes one of the free
 * ones. Slots that are free come in turn, so that all of them together ask for no more than there is.
 */
export class Capacity {
  readonly #parts: CapacityParts;
  /** The slots that are in use, and those that are not, each in the order in which they became so. */
  readonly #busy = new Set<object>();
  readonly #idle = new Set<object>();
  /** The attempts of each slot whose sessions may run. */
  readonly #attempts = new Map<object, number>();
  #seen: Seen | undefined;
  #trouble: StackError | undefined;
  /** Readings in a row that had no answer. */
  #misses = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #pauses = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(parts: CapacityParts) {
    this.#parts = parts;
  }

  /** Undefined: `slot` may begin a test. `isBusy`: it has a lease. `reserve`: sessions to leave to others. Never throws. */
  async look(slot: object, isBusy: boolean, reserve: number): Promise<NoRoom | undefined> {
    this.#note(slot, isBusy);
    await this.#refresh(this.#patienceMs());
    const trouble = this.#trouble;
    // One answer that does not come is no outage, where there were others.
    if (trouble && (trouble.kind !== 'away' || this.#misses > 1 || !this.#seen)) {
      // Its lease goes on: a test says itself whether it is served.
      if (trouble.kind === 'rate' && isBusy) return undefined;
      return { kind: trouble.kind, why: this.#wordsOf(trouble) };
    }
    return this.#seen && this.#placeOf(slot) >= shareOf(this.#seen, reserve)
      ? { kind: 'full', why: wordsOfFull(this.#seen.plan, reserve) }
      : undefined;
  }

  /** An attempt of `slot` begins, and with it its session. Answers what to call, once, when no session of it runs any more. */
  begin(slot: object): () => void {
    this.#count(slot, 1);
    let hasEnded = false;
    return () => {
      if (!hasEnded) this.#count(slot, -1);
      hasEnded = true;
    };
  }

  #count(slot: object, more: number): void {
    const count = (this.#attempts.get(slot) ?? 0) + more;
    if (count > 0) this.#attempts.set(slot, count);
    else this.#attempts.delete(slot);
  }

  /** What is wrong with the account or BrowserStack right now; looks again where the last look is older than `ms`. */
  async trouble(ms: number): Promise<StackError | undefined> {
    await this.#refresh(ms);
    return this.#trouble;
  }

  #note(slot: object, isBusy: boolean): void {
    const [to, from] = isBusy ? [this.#busy, this.#idle] : [this.#idle, this.#busy];
    from.delete(slot);
    to.add(slot);
  }

  #placeOf(slot: object): number {
    // Who has a session comes before who still needs one.
    const [running, rest] = [true, false].map((has) =>
      [...this.#busy].filter((one) => this.#attempts.has(one) === has),
    );
    return [...(running ?? []), ...(rest ?? []), ...this.#idle].indexOf(slot);
  }

  #patienceMs(): number {
    if (this.#misses > 0) return awayMs;
    return this.#seen && isFull(this.#seen.plan) ? fullMs : freshMs;
  }

  async #refresh(ms: number): Promise<void> {
    const now = this.#parts.now();
    if (this.#reading === undefined && now - this.#readAt >= ms && now >= this.#pausedUntil) {
      this.#readAt = now;
      this.#reading = this.#read().finally(() => {
        this.#reading = undefined;
      });
    }
    await this.#reading;
  }

  async #read(): Promise<void> {
    const own = this.#attempts.size;
    try {
      this.#seen = { plan: await this.#parts.readPlan(), own };
      this.#trouble = undefined;
      this.#misses = 0;
      this.#pauses = 0;
    } catch (error) {
      this.#trouble = error instanceof StackError ? error : new StackError('away', (error as Error).message);
      this.#misses = this.#trouble.kind === 'away' ? this.#misses + 1 : 0;
      if (this.#trouble.kind === 'rate') this.#pause();
    }
  }

  /** Nothing says how long: half as long to one and a half times as long, so that many agents do not come back at once. */
  #pause(): void {
    const ms = Math.min(longestPauseMs, pauseMs * 2 ** this.#pauses) * (0.5 + this.#parts.random());
    this.#pauses += 1;
    this.#pausedUntil = this.#parts.now() + ms;
  }

  #wordsOf({ kind, message }: StackError): string {
    if (kind !== 'rate') return message;
    const seconds = Math.max(1, Math.round((this.#pausedUntil - this.#parts.now()) / 1000));
    return `${message}; it is asked again in ${seconds} s`;
  }
}

/** How many slots of this agent may be in use at once. Where sessions wait already, none may begin another. */
function shareOf({ plan: { running, max, queued }, own }: Seen, reserve: number): number {
  const others = Math.max(0, running - own);
  return queued > 0 ? 0 : max - others - reserve;
}

const isFull = ({ running, max, queued }: Plan): boolean => queued > 0 || running >= max;

function wordsOfFull({ running, max, queued }: Plan, reserve: number): string {
  const run = `${running} of ${max} parallel sessions run`;
  if (queued > 0)
    return `BrowserStack is full: ${run}, ${queued} ${queued === 1 ? 'waits' : 'wait'} in its queue`;
  if (running >= max) return `BrowserStack is full: ${run}`;
  const kept = reserve > 0 ? `${reserve} kept for others, ` : '';
  return `BrowserStack has no session left for it: ${run}, ${kept}the rest is for other slots of this agent`;
}
