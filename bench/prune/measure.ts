import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type BenchAgent, call, makeTenant, registerAgent, type Tenant } from '../queue/api.ts';
import { Connection } from '../queue/connection.ts';
import { startServerProcess } from '../queue/server-process.ts';
import { completeLease, requestLease } from '../queue/simulated-device.ts';
import { percentile } from '../stats.ts';

export interface Measured {
  /** From the call to its answer, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly leases: number;
  /** Old runs that were deleted in a second, from the time on at which the server begins with it. */
  readonly prunedPerSecond: number;
}

const devices = 4;
const jobsPerRun = 100;
/** The server begins to prune 5 s after its start. */
const beginMs = 7000;
const target = 'emulator';

/**
 * Leases and finishes jobs for some seconds, on a server with a copy of the database of old runs, which it prunes (30
 * days) or not. Every lease has work to take.
 */
export async function measure(
  template: string,
  dir: string,
  { isPruning, seconds }: { readonly isPruning: boolean; readonly seconds: number },
): Promise<Measured> {
  const file = join(dir, 'qgjob.db');
  copyFileSync(template, file);
  const server = await startServerProcess(dir, { flags: ['--retention-days', isPruning ? '30' : '0'] });
  const started = performance.now();
  const connection = await Connection.open(server.url);
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  const agent = await registerAgent(connection, tenant, 'bench', Array(devices).fill(target));
  const begin = started + beginMs;
  const latencies = await run(server.url, tenant, agent, begin, begin + seconds * 1000);
  const ended = performance.now();
  connection.close();
  await server.stop();
  const pruned = oldRunsIn(template) - oldRunsIn(file);
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    leases: latencies.length,
    prunedPerSecond: pruned / ((ended - started - 5000) / 1000),
  };
}

/** All devices work at once; what they measure before `begin` does not count. */
async function run(
  url: string,
  tenant: Tenant,
  agent: BenchAgent,
  begin: number,
  end: number,
): Promise<number[]> {
  const latencies: number[] = [];
  const submitter = await Connection.open(url);
  const submitting = keepQueued(submitter, tenant, end);
  await Promise.all(
    agent.devices.map(async (device) => {
      const own = await Connection.open(url);
      while (performance.now() < end) {
        const from = performance.now();
        const lease = await requestLease(own, tenant, device, 1000);
        if (!lease) continue;
        if (from >= begin) latencies.push(performance.now() - from);
        await completeLease(own, lease);
      }
      own.close();
    }),
  );
  await submitting;
  submitter.close();
  return latencies;
}

/** Submits runs so that there are always jobs to lease. */
async function keepQueued(connection: Connection, tenant: Tenant, end: number): Promise<void> {
  const tests = Array.from({ length: jobsPerRun }, (_, n) => `tests/${n}.spec.ts`);
  while (performance.now() < end) {
    const stats = await connection.send('GET', '/v1/stats', tenant.submit);
    const { jobs } = JSON.parse(stats.text) as { jobs: { queued: number } };
    if (jobs.queued < 5 * jobsPerRun)
      await call(connection, tenant.submit, '/v1/runs', { app_version_id: 'v1', target, tests });
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function oldRunsIn(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT count(*) AS n FROM runs WHERE org_id = 'old'`).get()?.n);
  } finally {
    database.close();
  }
}
