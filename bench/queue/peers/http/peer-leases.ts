import type { HttpPeer, TakenJob } from './http-peer.ts';

/** As many as a lease of ours has. */
export const jobsPerLease = 16;
/** A call that waits looks this often even if nothing wakes it; the minimum that pg-boss allows its own workers. */
const pollMs = 500;

/**
 * Calls for jobs that wait until there are some. A submit at this server wakes them, which is at least as quick as any
 * way of the peers themselves: none of those can be quicker than the same process.
 */
export class PeerLeases {
  readonly #peer: Pick<HttpPeer, 'take'>;
  readonly #parked = new Set<(added: number) => void>();
  /** Jobs whose caller went away while they were taken: the next caller gets them. */
  readonly #spare: TakenJob[] = [];
  #added = 0;

  constructor(peer: Pick<HttpPeer, 'take'>) {
    this.#peer = peer;
  }

  /** To be called after jobs were added: wakes as many callers as they fill leases. */
  wake(jobs: number): void {
    this.#added += 1;
    let left = jobs;
    for (const resume of this.#parked) {
      if (left <= 0) return;
      resume(Math.min(left, jobsPerLease));
      left -= jobsPerLease;
    }
  }

  /** The jobs of one lease; none after `waitMs`, or once the caller is gone. */
  async take(waitMs: number, signal: AbortSignal): Promise<readonly TakenJob[]> {
    const deadline = performance.now() + waitMs;
    for (let woken: number | undefined; ; ) {
      const added = this.#added;
      const taken = await this.#takeNow(woken);
      if (signal.aborted) {
        this.#spare.push(...taken);
        return [];
      }
      const left = deadline - performance.now();
      if (taken.length > 0 || left <= 0) return taken;
      // Jobs that were added during the look may have been missed by it.
      woken = added === this.#added ? await this.#park(Math.min(left, pollMs), signal) : undefined;
    }
  }

  async #takeNow(added?: number): Promise<readonly TakenJob[]> {
    if (this.#spare.length > 0) return this.#spare.splice(0, jobsPerLease);
    return this.#peer.take(jobsPerLease, added);
  }

  /** The number of jobs that a submit has for this caller; undefined when the time is over or the caller is gone. */
  #park(ms: number, signal: AbortSignal): Promise<number | undefined> {
    return new Promise((resolve) => {
      const resume = (added?: number): void => {
        this.#parked.delete(resume);
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        resolve(added);
      };
      const leave = (): void => resume();
      const timer = setTimeout(leave, ms);
      signal.addEventListener('abort', leave);
      this.#parked.add(resume);
    });
  }
}
