import type { Side } from '../../side.ts';
import type { Payload } from '../make-side.ts';

/** The data of a job; the store gives it its id. */
export type HttpPayload = Omit<Payload, 'n'>;

/** A job that was taken and is not finished. */
export interface TakenJob {
  readonly id: string;
  readonly payload: HttpPayload;
  /** What the peer needs to finish it. */
  readonly handle: unknown;
}

/** Adapter of another queue that is served over HTTP, as ours is. */
export interface HttpPeer {
  readonly about: Side['about'];
  /** Adds one job; resolves with its id when it is acknowledged. */
  add(job: HttpPayload): Promise<string> | string;
  /** Adds all jobs with one call, or as few as the peer allows. Resolves with their ids. */
  addAll(jobs: readonly HttpPayload[]): Promise<readonly string[]> | readonly string[];
  /**
   * Takes at most so many queued jobs without waiting for more; none is an empty list. `added`: so many were submitted
   * just now and woke the caller; absent where it is not known whether there are any.
   */
  take(most: number, added?: number): Promise<readonly TakenJob[]> | readonly TakenJob[];
  /** Resolves when they are complete in the store. */
  finish(jobs: readonly TakenJob[]): Promise<unknown> | unknown;
  /** Number of jobs in the store that are not complete. */
  countLeft(): Promise<number> | number;
  empty(): Promise<unknown> | unknown;
  close(): Promise<unknown> | unknown;
}

/** `dir` is a new empty folder. */
export type OpenHttpPeer = (dir: string) => Promise<HttpPeer> | HttpPeer;
