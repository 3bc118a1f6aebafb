import { type BenchDevice, call, type Tenant } from './api.ts';
import type { Connection } from './connection.ts';
import { submitBody } from './load.ts';
import { completeLease, requestLease } from './simulated-device.ts';

const waitMs = 20_000;

export interface PickupInput {
  readonly tenant: Tenant;
  readonly submitter: Connection;
  /** The connection of the device's long poll. */
  readonly poller: Connection;
  readonly device: BenchDevice;
  readonly target: string;
}

/**
 * Repeated `times` times: a device waits in a long poll, and one job is submitted on another connection. A sample is
 * the time in ms from the call of the submit to the parsed lease.
 */
export async function measurePickups(input: PickupInput, times: number): Promise<number[]> {
  const { tenant, submitter, poller, device, target } = input;
  const body = submitBody(target);
  const samples: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const leased = requestLease(poller, tenant, device, waitMs).then((lease) => ({
      lease,
      at: performance.now(),
    }));
    await letPollArrive();
    const started = performance.now();
    const submitted = call(submitter, tenant.submit, '/v1/jobs', JSON.parse(body(n)));
    const [{ lease, at }] = await Promise.all([leased, submitted]);
    if (!lease) throw new Error('a submitted job was not leased to the device that waits');
    samples.push(at - started);
    await completeLease(poller, lease);
  }
  return samples;
}

/** The poll must wait at the server before the job comes. The pause is random, so that it matches no timer's period. */
export const letPollArrive = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 7));
