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
  readonly #parked = new Set<() => void>();
  /** Jobs whose caller went away while they were taken: the next caller gets them. */
  readonly #spare: TakenJob[] = [];
  #added = 0;

  constructor(peer: Pick<HttpPeer, 'take'>) {
    this.#peer = peer;
  }

  /** To be called after jobs were added: wakes as many callers as they fill leases. */
  wake(jobs: number): void {
    this.#added += 1;
    let leases = Math.ceil(jobs / jobsPerLease);
    for (const resume of this.#parked) {
      if (leases === 0) return;
      leases -= 1;
      resume();
    }
  }

  /** The jobs of one lease; none after `waitMs`, or once the caller is gone. */
  async take(waitMs: number, signal: AbortSignal): Promise<readonly TakenJob[]> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const added = this.#added;
      const taken = await this.#takeNow();
      if (signal.aborted) {
        this.#spare.push(...taken);
        return [];
      }
      const left = deadline - performance.now();
      if (taken.length > 0 || left <= 0) return taken;
      // Jobs that were added during the look may have been missed by it.
      if (added === this.#added) await this.#park(Math.min(left, pollMs), signal);
    }
  }

  async #takeNow(): Promise<readonly TakenJob[]> {
    if (this.#spare.length > 0) return this.#spare.splice(0, jobsPerLease);
    return this.#peer.take(jobsPerLease);
  }

  #park(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#parked.delete(resume);
        clearTimeout(timer);
        signal.removeEventListener('abort', resume);
        resolve();
      };
      const timer = setTimeout(resume, ms);
      signal.addEventListener('abort', resume);
      this.#parked.add(resume);
    });
  }
}
