import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchAgent, call, keepAlive, makeTenant, registerAgent, type Tenant } from './api.ts';
import { Connection } from './connection.ts';
import { Connections, submitBody, submitJobs, testPath } from './load.ts';
import { measurePickups } from './pickup.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import type { OpenSide, Side } from './side.ts';
import { completeLease, requestLease } from './simulated-device.ts';

const agentCount = 8;
const devicesPerAgent = 4;
const target = 'emulator';
const waitMs = 20_000;

/** An org with its agents, which send heartbeats until it is closed. */
interface ActiveTenant {
  readonly tenant: Tenant;
  readonly agents: readonly BenchAgent[];
  close(): void;
}

/** qgjob as it ships, over HTTP. This process plays its client and its agents. */
const openOurs: OpenSide = async (dir) => {
  const server = await startServerProcess(dir);
  const connections = new Connections(server.url);
  let tenants = 0;
  const nextTenant = () => {
    tenants += 1;
    return openTenant(server, `bench-${tenants}`);
  };
  let active = await nextTenant();
  return {
    about: { name: 'qgjob', ...about() },
    async submit(jobs, inFlight) {
      const { submit: authorization } = active.tenant;
      await submitJobs(await connections.take(inFlight), jobs, { authorization, body: submitBody(target) });
    },
    async submitBulk(jobs) {
      const [connection] = (await connections.take(1)) as [Connection];
      const tests = Array.from({ length: jobs }, (_, n) => testPath(n));
      await call(connection, active.tenant.submit, '/v1/runs', { app_version_id: 'v1.0.0', target, tests });
    },
    drain: (jobs) => drain(server.url, active, jobs),
    pickup: (times) => pickup(server.url, active, times),
    // Rows of earlier phases stay, as on a server in use; the next phase has an org of its own.
    async reset() {
      active.close();
      active = await nextTenant();
    },
    async close() {
      active.close();
      connections.close();
      await server.stop();
    },
  } satisfies Side;
};

export default openOurs;

function about() {
  const file = join(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return {
    version,
    durability: 'SQLite WAL, synchronous=FULL: on disk before each answer',
    settings: `over HTTP with tokens, fences, events and idempotency keys; ${agentCount} agents with ${devicesPerAgent} devices each, leases of up to 16 jobs`,
  };
}

async function openTenant(server: ServerProcess, orgId: string): Promise<ActiveTenant> {
  const tenant = await makeTenant(server.url, server.adminToken, orgId);
  const connection = await Connection.open(server.url);
  const agents: BenchAgent[] = [];
  for (let n = 0; n < agentCount; n += 1) {
    const targets = Array.from({ length: devicesPerAgent }, () => target);
    agents.push(await registerAgent(connection, tenant, `rack-${n}`, targets));
  }
  const timer = keepAlive(connection, tenant, agents);
  return {
    tenant,
    agents,
    close() {
      clearInterval(timer);
      connection.close();
    },
  };
}

/** Every device runs a loop of its own: lease, install if needed, finish. */
async function drain(url: string, { tenant, agents }: ActiveTenant, jobs: number): Promise<void> {
  const devices = agents.flatMap((agent) => agent.devices);
  const connections = new Connections(url);
  const lanes = await connections.take(devices.length);
  const done = Promise.withResolvers<void>();
  let left = jobs;
  const work = async (lane: number): Promise<void> => {
    const [connection, device] = [lanes[lane] as Connection, devices[lane] as (typeof devices)[number]];
    while (left > 0) {
      const lease = await requestLease(connection, tenant, device, waitMs);
      if (!lease) continue;
      await completeLease(connection, lease);
      left -= lease.jobs.length;
    }
    done.resolve();
  };
  for (const lane of devices.keys()) work(lane).catch(done.reject);
  try {
    await done.promise;
  } finally {
    // Devices that found no more jobs still wait in a long poll.
    connections.close();
  }
}

async function pickup(url: string, { tenant, agents }: ActiveTenant, times: number): Promise<number[]> {
  const device = agents[0]?.devices[0];
  if (!device) throw new Error('no device');
  const connections = new Connections(url);
  const [submitter, poller] = (await connections.take(2)) as [Connection, Connection];
  try {
    return await measurePickups({ tenant, submitter, poller, device, target }, times);
  } finally {
    connections.close();
  }
}
