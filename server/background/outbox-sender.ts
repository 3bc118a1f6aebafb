import { shortLine } from '../../protocol/clean-text.ts';
import { type Claimed, claimRows, dueLanes, giveBack, kindOf, settleUntold } from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';

/**
 * Delivers one row and writes down how it went. True: its receiver took it. Rejects where it did not get that far: then the row
 * is put off, and given up in the end. `signal` fires when the server stops: the row is given back afterwards.
 */
export type Deliver = (row: Claimed, signal: AbortSignal) => Promise<boolean>;

export interface OutboxOptions {
  /** What delivers the rows of a lane, by the part of its name before the colon. Rows of other lanes wait. */
  readonly deliver: Readonly<Record<string, Deliver>>;
  readonly onError: (error: unknown) => void;
}

const perLane = 4;
const atOnce = 32;
const firstHoldMs = 1000;
const longestHoldMs = 60_000;

interface Lane {
  inFlight: number;
  /** In a row. */
  failures: number;
  /** Nothing is claimed before, epoch ms. */
  holdUntil: number;
}

/**
 * Delivers what is due in the outbox: some rows of each receiver at once, those of a stream one after another. A receiver
 * that fails is asked rarely, by one row, until it takes one, so that it costs the others nothing.
 */
export class OutboxSender {
  readonly #deps: Deps;
  readonly #options: OutboxOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #running = new Map<Claimed, Promise<void>>();
  readonly #stopped = new AbortController();
  #again = false;
  #current: Promise<void> | undefined;

  constructor(deps: Deps, options: OutboxOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Claims what is due and may be sent now; resolves once that is under way. */
  async pass(): Promise<void> {
    this.#again = true;
    if (!this.#stopped.signal.aborted) this.#current ??= this.#claimAll();
    await this.#current;
  }

  /** Resolves when nothing is under way any more, and nothing is due that may be sent. */
  async settled(): Promise<void> {
    do {
      await Promise.all(this.#running.values());
      await this.#current;
    } while (this.#running.size > 0);
  }

  /** Ends what is under way and gives it back. */
  async stop(): Promise<void> {
    const rows = [...this.#running.keys()];
    this.#stopped.abort();
    await this.settled();
    await giveBack(this.#deps, rows);
  }

  async #claimAll(): Promise<void> {
    try {
      do {
        this.#again = false;
        for (const lane of await dueLanes(this.#deps)) if (this.#deliverOf(lane)) await this.#claimSome(lane);
      } while (this.#again && !this.#stopped.signal.aborted);
    } finally {
      this.#current = undefined;
    }
  }

  #deliverOf(lane: string): Deliver | undefined {
    return this.#options.deliver[kindOf(lane)];
  }

  /** A fault of ours, which the next try may meet again: the row waits as if its receiver had failed. */
  async #putOff(row: Claimed, error: unknown): Promise<void> {
    this.#options.onError(error);
    // Where the database is the fault, that was said just now, and the row's claim ends by itself.
    await settleUntold(this.#deps, row, shortLine(String(error), 200), 0).catch(() => undefined);
  }

  #count(row: Claimed, isTaken: boolean): void {
    const labels = { kind: kindOf(row.lane), result: isTaken ? 'taken' : 'failed' } as const;
    this.#deps.meter.count('outboxDeliveries', labels);
  }

  async #claimSome(name: string): Promise<void> {
    const lane = this.#lanes.get(name) ?? { inFlight: 0, failures: 0, holdUntil: 0 };
    const most = Math.min((lane.failures > 0 ? 1 : perLane) - lane.inFlight, atOnce - this.#running.size);
    if (most <= 0 || this.#deps.now() < lane.holdUntil || this.#stopped.signal.aborted) return;
    this.#lanes.set(name, lane);
    for (const row of await claimRows(this.#deps, name, most)) {
      lane.inFlight += 1;
      this.#running.set(row, this.#deliver(row, lane));
    }
  }

  async #deliver(row: Claimed, lane: Lane): Promise<void> {
    const { onError } = this.#options;
    const { signal } = this.#stopped;
    let isTaken = false;
    try {
      isTaken = (await this.#deliverOf(row.lane)?.(row, signal)) ?? false;
    } catch (error) {
      if (!signal.aborted) await this.#putOff(row, error);
    }
    lane.inFlight -= 1;
    if (!signal.aborted) this.#count(row, isTaken);
    this.#running.delete(row);
    if (isTaken) {
      lane.failures = 0;
      lane.holdUntil = 0;
    } else {
      lane.failures += 1;
      lane.holdUntil =
        this.#deps.now() + Math.min(longestHoldMs, firstHoldMs * 2 ** Math.min(20, lane.failures - 1));
    }
    if (isTaken && lane.inFlight === 0) this.#lanes.delete(row.lane);
    if (!signal.aborted) await this.pass().catch(onError);
  }
}
