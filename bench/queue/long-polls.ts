import type { Lease } from '../../protocol/shapes/agent.ts';
import type { BenchDevice, Tenant } from './api.ts';
import { Connection } from './connection.ts';
import { completeLease, requestLease } from './simulated-device.ts';

const waitMs = 25_000;
const openedAtOnce = 100;

/** One long poll per device, each on a connection of its own; a poll that ends without work is sent again. */
export class LongPolls {
  readonly #url: string;
  readonly #tenant: Tenant;
  readonly #connections: Connection[] = [];
  #closed = false;
  /** Polls that ended with an error or a closed connection. They are sent again, as an agent does. */
  errors = 0;
  /** Called when a poll gets a lease, before its jobs are finished. */
  onLease: (lease: Lease) => void = () => undefined;

  constructor(url: string, tenant: Tenant) {
    this.#url = url;
    this.#tenant = tenant;
  }

  /**
   * Opens a hundred at a time; the next hundred after the server has read these. Agents do not all come in one second.
   */
  async open(devices: readonly BenchDevice[]): Promise<void> {
    const probe = await Connection.open(this.#url);
    for (let n = 0; n < devices.length; n += openedAtOnce) {
      await Promise.all(devices.slice(n, n + openedAtOnce).map((device) => this.#start(device)));
      await probe.send('GET', '/health/live', '');
    }
    probe.close();
  }

  async #start(device: BenchDevice): Promise<void> {
    const connection = await Connection.open(this.#url);
    this.#connections.push(connection);
    void this.#pollOn(connection, device);
  }

  async #pollOn(connection: Connection, device: BenchDevice): Promise<void> {
    while (!this.#closed) {
      await this.#poll(connection, device).catch(() => {
        if (!this.#closed) this.errors += 1;
      });
    }
  }

  async #poll(connection: Connection, device: BenchDevice): Promise<void> {
    const lease = await requestLease(connection, this.#tenant, device, waitMs);
    if (!lease) return;
    this.onLease(lease);
    await completeLease(connection, lease);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.close();
  }
}
