import { inParallel, testPath } from '../load.ts';
import type { Side } from '../side.ts';
import { Tally } from './tally.ts';

/** The same data as in a job of ours. `n` is unique. */
export interface Payload {
  readonly n: number;
  readonly app_version_id: string;
  readonly test_path: string;
  readonly target: string;
}

export interface RunningWorker {
  /** Resolves when all handled jobs are complete in the store. */
  settle(): Promise<void>;
  stop(): Promise<unknown>;
}

/** Adapter of another queue; `makeSide` measures all of them in the same way. */
export interface Peer {
  readonly about: Side['about'];
  /** Adds one job with one call; resolves when it is acknowledged. */
  add(job: Payload): unknown;
  /** Adds all jobs with one call. */
  addAll(jobs: readonly Payload[]): unknown;
  /** Starts workers whose handler only calls `handle` with the job's `n`. `isAlone`: a single worker, for pickups. */
  work(handle: (n: number) => void, isAlone: boolean): Promise<RunningWorker>;
  /** Number of jobs in the store that are not complete. */
  countLeft(): Promise<number>;
  empty(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The first pickups open connections; they do not count. */
const warmUps = 3;
/**
 * After this time a worker is idle again. The pause is made random so that it matches no period of the peer's timers.
 */
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

  /** Throws if a job was handled twice or not at all. */
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

  /** Throws if the store holds more or fewer jobs than the phases since the last reset left there. */
  async reset(): Promise<void> {
    await this.#stopping;
    const left = await this.#peer.countLeft();
    if (left !== this.#left) {
      throw new Error(`${left} jobs are left, not ${this.#left}`);
    }
    await this.#peer.empty();
    this.#left = 0;
  }

  async close(): Promise<void> {
    await this.#stopping;
    await this.#peer.close();
  }

  /** The end of a worker is not timed. The next phase waits for it, and rejects if it failed. */
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
