import { type BenchDevice, call, type Tenant } from './api.ts';
import type { Connection } from './connection.ts';
import { Connections, submitBody, submitJobs, testPath } from './load.ts';
import { measurePickups } from './pickup.ts';
import type { Side } from './side.ts';
import { completeLease, requestLease } from './simulated-device.ts';

export const agentCount = 8;
export const devicesPerAgent = 4;
export const target = 'emulator';
const waitMs = 20_000;
/** Limit for one drain. */
const drainMs = 300_000;

/** A queue behind HTTP, ours or a peer's: one client for all of them. Calls are spread over its servers. */
export interface HttpQueue {
  readonly connections: Connections;
  readonly tenant: Tenant;
  readonly devices: readonly BenchDevice[];
}

/** What the phases since the last reset did. */
export class Ledger {
  added = 0;
  finished = 0;

  /** Throws if the store holds more or fewer jobs that are not finished. */
  check(side: string, left: number): void {
    const expected = this.added - this.finished;
    if (left !== expected) throw new Error(`${side}: ${left} jobs are left, not ${expected}`);
  }
}

type Verbs = Pick<Side, 'submit' | 'submitBulk' | 'drain' | 'pickup'>;

/** `current`: the queue at the time of a call. */
export function httpVerbs(urls: readonly string[], current: () => HttpQueue & { ledger: Ledger }): Verbs {
  return {
    async submit(jobs, inFlight) {
      const { connections, tenant, ledger } = current();
      const lanes = await connections.take(inFlight);
      await submitJobs(lanes, jobs, { authorization: tenant.submit, body: submitBody(target) });
      ledger.added += jobs;
    },
    async submitBulk(jobs) {
      const { connections, tenant, ledger } = current();
      const [connection] = (await connections.take(1)) as [Connection];
      const tests = Array.from({ length: jobs }, (_, n) => testPath(n));
      await call(connection, tenant.submit, '/v1/runs', { app_version_id: 'v1.0.0', target, tests });
      ledger.added += jobs;
    },
    async drain(jobs) {
      const { ledger, ...queue } = current();
      await drain(urls, queue, jobs);
      ledger.finished += jobs;
    },
    async pickup(times) {
      const { ledger, ...queue } = current();
      const samples = await pickup(urls, queue, times);
      ledger.added += times;
      ledger.finished += times;
      return samples;
    },
  };
}

/**
 * Every device runs a loop of its own: lease, install if needed, finish. Rejects if a job is handed out twice, a
 * verdict is not taken, or some jobs have not come after five minutes.
 */
async function drain(urls: readonly string[], { tenant, devices }: HttpQueue, jobs: number): Promise<void> {
  const connections = new Connections(urls);
  const lanes = await connections.take(devices.length);
  const done = Promise.withResolvers<void>();
  const seen = new Set<string>();
  let left = jobs;
  const work = async (lane: number): Promise<void> => {
    const [connection, device] = [lanes[lane] as Connection, devices[lane] as BenchDevice];
    while (left > 0) {
      const lease = await requestLease(connection, tenant, device, waitMs);
      if (!lease) continue;
      for (const { job_id } of lease.jobs) {
        if (seen.has(job_id)) throw new Error(`job ${job_id} was handed out twice`);
        seen.add(job_id);
      }
      await completeLease(connection, lease);
      left -= lease.jobs.length;
    }
    done.resolve();
  };
  for (const lane of devices.keys()) work(lane).catch(done.reject);
  const tooLong = setTimeout(() => done.reject(new Error(`${left} jobs of ${jobs} never came`)), drainMs);
  try {
    await done.promise;
  } finally {
    clearTimeout(tooLong);
    // Devices that found no more jobs still wait in a long poll.
    connections.close();
  }
}

/** With two servers, jobs are submitted to one of them, and the device waits at the other. */
async function pickup(
  urls: readonly string[],
  { tenant, devices }: HttpQueue,
  times: number,
): Promise<number[]> {
  const device = devices[0];
  if (!device) throw new Error('no device');
  const connections = new Connections(urls);
  const [submitter, poller] = (await connections.take(2)) as [Connection, Connection];
  try {
    return await measurePickups({ tenant, submitter, poller, device, target }, times);
  } finally {
    connections.close();
  }
}
