import type { Lease } from '../../protocol/shapes/agent.ts';
import type { BenchDevice, Tenant } from './api.ts';
import { Connection } from './connection.ts';
import { inParallel } from './load.ts';
import { askForLease, workOff } from './simulated-device.ts';

const holdMs = 25_000;
const openedAtOnce = 100;

/** Devices that each hold a poll on a connection of their own, and ask again when it ends without work. */
export class HeldPolls {
  readonly #connections: Connection[] = [];
  #closed = false;
  /** Called when one of them is given a lease, before it is worked off. */
  onLease: (lease: Lease) => void = () => undefined;
  onError: (error: Error) => void = () => undefined;

  async open(url: string, tenant: Tenant, devices: readonly BenchDevice[]): Promise<void> {
    await inParallel(devices.length, openedAtOnce, async (_, n) => {
      const connection = await Connection.open(url);
      this.#connections.push(connection);
      const device = devices[n] as BenchDevice;
      this.#poll(connection, tenant, device).catch((error) => {
        if (!this.#closed) this.onError(error as Error);
      });
    });
  }

  async #poll(connection: Connection, tenant: Tenant, device: BenchDevice): Promise<void> {
    while (!this.#closed) {
      const lease = await askForLease(connection, tenant, device, holdMs);
      if (!lease) continue;
      this.onLease(lease);
      await workOff(connection, tenant, lease);
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections) connection.close();
  }
}
