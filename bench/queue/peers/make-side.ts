import { inParallel, testPath } from '../load.ts';
import type { Side } from '../side.ts';
import { Tally } from './tally.ts';

/** As much as a job of ours says. `n` tells it from every other. */
export interface Payload {
  readonly n: number;
  readonly app_version_id: string;
  readonly test_path: string;
  readonly target: string;
}

export interface RunningWorker {
  /** Resolves when all that was handled is complete in the store. */
  settle(): Promise<void>;
  stop(): Promise<unknown>;
}

/** A queue in its own words; `makeSide` makes the same measurements of each. */
export interface Peer {
  readonly about: Side['about'];
  /** One job by one call, acknowledged. */
  add(job: Payload): unknown;
  /** All of them by one call. */
  addAll(jobs: readonly Payload[]): unknown;
  /** Starts a worker with an empty handler, which tells the job's `n`. `isAlone`: for pickups, which one worker waits for. */
  work(handle: (n: number) => void, isAlone: boolean): Promise<RunningWorker>;
  /** Jobs in the store that are not complete. */
  countLeft(): Promise<number>;
  empty(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The first pickups open connections and are not counted. */
const warmUps = 3;
/** Within this a worker is idle again; the random part keeps the calls from falling into step with a timer of the peer's. */
const idleMs = 20;

export async function makeSide(peer: Peer): Promise<Side> {
  await peer.empty();
  return new PeerSide(peer);
}

class PeerSide implements Side {
  readonly #peer: Peer;
  #added = 0;
  #left = 0;
  #stopping: Promise<unknown> | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get about(): Side['about'] {
    return this.#peer.about;
  }

  async submit(jobs: number, inFlight: number): Promise<void> {
    await this.#stopping;
    await inParallel(jobs, inFlight, async () => {
      await this.#peer.add(this.#makePayload());
    });
  }

  async submitBulk(jobs: number): Promise<void> {
    await this.#stopping;
    await this.#peer.addAll(Array.from({ length: jobs }, () => this.#makePayload()));
  }

  /** Errors: a job was not handled, or twice, or is not complete although it should be. */
  async drain(jobs: number): Promise<void> {
    await this.#stopping;
    const tally = new Tally(jobs);
    const worker = await this.#peer.work((n) => tally.count(n), false);
    await tally.all;
    await worker.settle();
    this.#left -= jobs;
    this.#stopLater(worker.stop().then(() => tally.check()));
  }

  async pickup(times: number): Promise<number[]> {
    await this.#stopping;
    let handled: (at: number) => void = () => undefined;
    const worker = await this.#peer.work(() => handled(performance.now()), true);
    const waits: number[] = [];
    for (let n = 0; n < warmUps + times; n += 1) {
      await pause(idleMs * (1 + Math.random()));
      const { promise, resolve } = Promise.withResolvers<number>();
      handled = resolve;
      const called = performance.now();
      const [startedAt] = await Promise.all([promise, this.#peer.add(this.#makePayload())]);
      if (n >= warmUps) waits.push(startedAt - called);
    }
    await worker.settle();
    this.#left -= warmUps + times;
    this.#stopLater(worker.stop());
    return waits;
  }

  /** Errors: the store holds more or fewer jobs than the phases since the last reset left there. */
  async reset(): Promise<void> {
    await this.#stopping;
    const left = await this.#peer.countLeft();
    if (left !== this.#left) {
      throw new Error(`${this.about.name}: ${left} jobs are left, not ${this.#left}`);
    }
    await this.#peer.empty();
    this.#left = 0;
  }

  async close(): Promise<void> {
    await this.#stopping;
    await this.#peer.close();
  }

  /** Ending a worker is not part of a phase: the next one waits for it, and rejects where it failed. */
  #stopLater(stopping: Promise<unknown>): void {
    stopping.catch(() => undefined);
    this.#stopping = stopping;
  }

  #makePayload(): Payload {
    const n = this.#added;
    this.#added += 1;
    this.#left += 1;
    return { n, app_version_id: 'v1.0.0', test_path: testPath(n % 5000), target: 'emulator' };
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
