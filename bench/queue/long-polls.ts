import type { Lease } from '../../protocol/shapes/agent.ts';
import type { BenchDevice, Tenant } from './api.ts';
import { Connection } from './connection.ts';
import { askForLease, workOff } from './simulated-device.ts';

const holdMs = 25_000;
const openedAtOnce = 100;

/** Devices that each hold a poll on a connection of their own, and ask again when it ends without work. */
export class HeldPolls {
  readonly #url: string;
  readonly #tenant: Tenant;
  readonly #connections: Connection[] = [];
  #closed = false;
  /** Polls that the server ended with an error or a closed connection; they were made again, as an agent does. */
  errors = 0;
  /** Called when one of them is given a lease, before it is worked off. */
  onLease: (lease: Lease) => void = () => undefined;

  constructor(url: string, tenant: Tenant) {
    this.#url = url;
    this.#tenant = tenant;
  }

  /** A hundred at a time, the next when the server has read those before: agents do not all come in one second. */
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
    const lease = await askForLease(connection, this.#tenant, device, holdMs);
    if (!lease) return;
    this.onLease(lease);
    await workOff(connection, this.#tenant, lease);
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.close();
  }
}
