import { LiveLease } from './live-lease.ts';

/** The leases of this agent. The heartbeat reads it; each device's loop writes its own. */
export class LeaseBook {
  readonly #leases = new Map<string, LiveLease>();
  #onOpen: (() => void) | undefined;

  open(id: string, jobIds: readonly string[]): LiveLease {
    const lease = new LiveLease(id, jobIds);
    this.#leases.set(id, lease);
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
