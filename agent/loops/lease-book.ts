import type { Client } from '../../client/index.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { StopReason } from '../children/signal-ladder.ts';
import { leaseClient } from './lease-client.ts';

/** The leases of this agent. The heartbeat reads it; each device's loop writes its own. */
export class LeaseBook {
  readonly #leases = new Map<string, LiveLease>();
  #onOpen: (() => void) | undefined;

  /** `client`: the agent's own. */
  open(given: GivenLease, client: Client): LiveLease {
    const lease = new LiveLease(given, client);
    this.#leases.set(lease.id, lease);
    this.#onOpen?.();
    return lease;
  }

  close(id: string): void {
    this.#leases.delete(id);
  }

  get(id: string): LiveLease | undefined {
    return this.#leases.get(id);
  }

  ids(): string[] {
    return [...this.#leases.keys()];
  }

  /** Calls back once, at the next lease that is opened. */
  whenOpened(callback: (() => void) | undefined): void {
    this.#onOpen = callback;
  }
}

/** What the book keeps of a lease. */
type GivenLease = Pick<Lease, 'lease_id' | 'token'> & {
  readonly jobs: readonly { readonly job_id: string }[];
};

/** A lease that this agent works on, and what the server said about it. */
export class LiveLease {
  readonly id: string;
  /** Authenticates the calls of this lease alone. */
  readonly token: string;
  /** For all calls of this lease. */
  readonly client: Client;
  /** Jobs without an end, as far as this agent knows. */
  readonly open: Set<string>;
  readonly #jobs: ReadonlySet<string>;
  readonly #cancelled = new Set<string>();
  readonly #lost = new AbortController();
  /** What runs now: jobs by their ids, and the install or the set-up under none. */
  readonly #running = new Map<string | undefined, AbortController>();

  constructor({ lease_id, token, jobs }: GivenLease, client: Client) {
    this.id = lease_id;
    this.token = token;
    this.client = leaseClient(client, token);
    this.open = new Set(jobs.map((job) => job.job_id));
    this.#jobs = new Set(this.open);
  }

  /** Aborted when the server took the lease back: its results are dropped, its tests are killed. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** What runs from now on: a job, or the install. The signal aborts with a StopReason. */
  begin(jobId?: string): AbortSignal {
    const stop = new AbortController();
    this.#running.set(jobId, stop);
    this.#stopIfDue();
    return stop.signal;
  }

  /** It does not run any more. */
  end(jobId?: string): void {
    this.#running.delete(jobId);
  }

  isCancelled(jobId: string): boolean {
    return this.#cancelled.has(jobId);
  }

  cancel(jobIds: readonly string[]): void {
    // A server may name any number of other jobs: they are not stored.
    for (const jobId of jobIds) if (this.#jobs.has(jobId)) this.#cancelled.add(jobId);
    this.#stopIfDue();
  }

  lose(): void {
    this.#lost.abort();
    this.#stopIfDue();
  }

  #stopIfDue(): void {
    for (const [jobId, stop] of this.#running) {
      if (this.#lost.signal.aborted) stop.abort('lost' satisfies StopReason);
      else if (jobId !== undefined && this.#cancelled.has(jobId))
        stop.abort('cancelled' satisfies StopReason);
    }
  }
}
