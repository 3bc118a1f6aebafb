import { type BenchDevice, call, type Tenant } from './api.ts';
import type { Connection } from './connection.ts';
import { submitBody } from './load.ts';
import { askForLease, workOff } from './simulated-device.ts';

const holdMs = 20_000;

export interface PickupInput {
  readonly tenant: Tenant;
  readonly submitter: Connection;
  /** The connection on which the device holds its poll. */
  readonly poller: Connection;
  readonly device: BenchDevice;
  readonly target: string;
}

/**
 * `times` times: a device holds its poll, one job is submitted on another connection; ms from that call to the lease,
 * parsed.
 */
export async function measurePickups(input: PickupInput, times: number): Promise<number[]> {
  const { tenant, submitter, poller, device, target } = input;
  const body = submitBody(target);
  const samples: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const leased = askForLease(poller, tenant, device, holdMs).then((lease) => ({
      lease,
      at: performance.now(),
    }));
    await letPollArrive();
    const started = performance.now();
    const submitted = call(submitter, tenant.submit, '/v1/jobs', JSON.parse(body(n)));
    const [{ lease, at }] = await Promise.all([leased, submitted]);
    if (!lease) throw new Error('a submitted job was not offered to the device that waits');
    samples.push(at - started);
    await workOff(poller, tenant, lease);
  }
  return samples;
}

/** A poll has to be held before the job comes; not always after the same time, so that no timer is met in step. */
export const letPollArrive = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 7));
