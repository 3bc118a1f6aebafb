import { randomUUID } from 'node:crypto';
import type { Client } from '../../client/index.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Trace, TraceJob } from './trace.ts';

const boot_id = randomUUID();
const devicesPerTarget = 4;

/**
 * Gives the server a history over HTTP: each test of the trace passes once, under another app version, with the
 * duration that the trace predicts. Nothing sleeps. Afterwards the devices of this agent are removed.
 */
export async function makeHistory(client: Client, { devices, runs }: Trace): Promise<void> {
  const jobs = new Map(runs.flatMap((run) => run.jobs).map((job) => [job.id, job]));
  await submitAll(client, runs);
  const targets = [...new Set(devices.map((device) => device.target))];
  const names = targets.flatMap((target) =>
    Array.from({ length: devicesPerTarget }, (_, n) => ({ name: `${target}-history-${n}`, target })),
  );
  const body = { name: 'history', boot_id, version: 'replay' };
  const made = await client.call('registerAgent', { body: { ...body, devices: names } });
  await Promise.all(made.devices.map(({ device_id }) => passLeases(client, device_id, jobs)));
  await client.call('registerAgent', { body: { ...body, devices: [] } });
}

async function submitAll(client: Client, runs: Trace['runs']): Promise<void> {
  const all = runs.flatMap(({ org, jobs }) => jobs.map((job) => ({ org, job })));
  for (const own of Map.groupBy(all, ({ org, job }) => `${org} ${job.target}`).values()) {
    const body = {
      org_id: own[0]?.org,
      app_version_id: 'history',
      target: own[0]?.job.target,
      tests: own.map(({ job }) => job.id),
    };
    await client.call('submitRun', { body, idempotencyKey: randomUUID() });
  }
}

/** Until there are no more jobs for this device. */
async function passLeases(
  client: Client,
  device_id: string,
  jobs: ReadonlyMap<string, TraceJob>,
): Promise<void> {
  for (;;) {
    const body = { lease_id: randomUUID(), boot_id, device_id, wait_ms: 0 };
    const lease = await client.call('takeLease', { body });
    if (!lease) return;
    await passJobs(client, lease, jobs);
  }
}

async function passJobs(client: Client, lease: Lease, known: ReadonlyMap<string, TraceJob>): Promise<void> {
  const id = lease.lease_id;
  if (lease.install)
    await client.call('reportInstalled', {
      params: { id },
      body: { ok: true, duration_ms: 1000, installs: 1 },
    });
  for (const { job_id, test_path, next_attempt: attempt } of lease.jobs) {
    const params = { id, job_id };
    const duration_ms = Math.max(1, Math.round((known.get(test_path)?.est ?? 0) * 1000));
    const tests = [{ name: test_path, status: 'passed' as const, duration_ms }];
    await client.call('startJob', { params, body: { attempt } });
    await client.call('finishJob', { params, body: { attempt, verdict: 'passed', duration_ms, tests } });
  }
}
