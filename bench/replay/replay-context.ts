import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client/index.ts';
import type { TraceJob } from './trace.ts';

/** One line of the log, in the format of the evaluator. Times are wall-clock seconds since the start. */
export type ReplayEvent =
  | { type: 'install'; t: number; dur: number; device: string; family: string }
  | { type: 'start' | 'end'; t: number; job: string; device: string };

/** What all parts of a replay share: the server, the clock, the log, and the signal that it is over. */
export class ReplayContext {
  readonly client: Client;
  readonly events: ReplayEvent[] = [];
  /** How long each start of a job took until it was acknowledged, wall-clock seconds. */
  readonly roundTrips: number[] = [];
  /** By test path, which is the job's id in the trace. */
  readonly jobs: ReadonlyMap<string, TraceJob>;
  readonly #speed: number;
  readonly #left: Set<string>;
  readonly #over = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #start = performance.now();

  constructor(client: Client, jobs: readonly TraceJob[], speed: number) {
    this.client = client;
    this.jobs = new Map(jobs.map((job) => [job.id, job]));
    this.#left = new Set(this.jobs.keys());
    this.#speed = speed;
  }

  /** Aborted when the last job has passed, or at the first error. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when the last job has passed; rejects with the first error. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get left(): number {
    return this.#left.size;
  }

  begin(): void {
    this.#start = performance.now();
  }

  /** Wall-clock seconds since the start. */
  now(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** A duration in wall-clock seconds as ms of the server's clock. */
  inServerMs(seconds: number): number {
    return Math.round(seconds * this.#speed * 1000);
  }

  /** Rejects when the replay is over. */
  async sleep(seconds: number): Promise<void> {
    await sleep(Math.max(0, seconds * 1000), undefined, { signal: this.over });
  }

  passed(id: string): void {
    this.#left.delete(id);
    if (this.#left.size > 0) return;
    this.#ended.resolve();
    this.#over.abort();
  }

  fail(error: unknown): void {
    if (this.over.aborted) return;
    this.#ended.reject(error);
    this.#over.abort();
  }
}
