// `npm run bench:size`: what a finished job takes of the database file. A built server on a file, one agent with four
// devices whose tests take no time; runs of 20 files of one app version, a verdict with its cases for each.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import type { Lease } from '../protocol/shapes/agent.ts';
import {
  type BenchAgent,
  type BenchDevice,
  bearer,
  call,
  keepAlive,
  makeTenant,
  registerAgent,
  type Tenant,
} from './queue/api.ts';
import { Connection } from './queue/connection.ts';
import { startServerProcess } from './queue/server-process.ts';
import { requestLease } from './queue/simulated-device.ts';
import { makeWorkspace } from './queue/workspace.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '4000' },
    cases: { type: 'string', default: '5' },
  },
});
const [jobs, cases] = [Number(values.jobs), Number(values.cases)];
const target = 'emulator';
const filesPerRun = 20;
if (!(jobs > 0 && jobs % filesPerRun === 0)) throw new Error(`--jobs is a multiple of ${filesPerRun}`);

const tests = Array.from({ length: cases }, (_, n) => ({
  id: `${n}d6f5a2c4b8e0`.repeat(2),
  name: `checkout > order ${n} > a total of this size has the discount of its customer`,
  file: 'tests/shop/checkout.spec.ts',
  line: 10 * n + 7,
  status: 'passed',
  duration_ms: 1234,
}));

/** As many runs as make `jobs`, each run to its end by all devices. */
async function runJobs(connection: Connection, tenant: Tenant, { devices }: BenchAgent): Promise<void> {
  const paths = Array.from({ length: filesPerRun }, (_, n) => `tests/shop/checkout-${n}.spec.ts`);
  for (let done = 0; done < jobs; done += filesPerRun) {
    const body = { app_version_id: `v${Math.floor(done / 200)}`, target, tests: paths };
    await call(connection, tenant.submit, '/v1/runs', body);
    for (let left = filesPerRun; left > 0; ) left -= await takeTurn(connection, tenant, devices);
  }
}

const longestWaitMs = 10_000;

/** A lease for each device that gets one at once, else for the first. How many jobs they had; throws where there is none. */
async function takeTurn(
  connection: Connection,
  tenant: Tenant,
  devices: readonly BenchDevice[],
): Promise<number> {
  const waits = [
    ...devices.map((device) => ({ device, ms: 0 })),
    ...devices.map((device) => ({ device, ms: longestWaitMs })),
  ];
  let done = 0;
  for (const { device, ms } of waits) {
    if (ms > 0 && done > 0) break;
    const lease = await requestLease(connection, tenant, device, ms);
    if (lease) done += await complete(connection, lease);
  }
  if (done === 0) throw new Error('no device gets the jobs that are left');
  return done;
}

/** Install, start and verdict, as an agent sends them. How many jobs it had. */
async function complete(connection: Connection, lease: Lease): Promise<number> {
  const path = `/v1/leases/${lease.lease_id}`;
  const token = bearer(lease.token);
  if (lease.install) {
    await call(connection, token, `${path}/installed`, { ok: true, duration_ms: 1000, installs: 1 });
  }
  for (const { job_id: id, next_attempt: attempt } of lease.jobs) {
    await call(connection, token, `${path}/jobs/${id}/start`, { attempt });
    const verdict = { attempt, verdict: 'passed', duration_ms: 1234 * cases, tests };
    await call(connection, token, `${path}/jobs/${id}/finish`, verdict);
  }
  return lease.jobs.length;
}

interface Size {
  readonly bytes: number;
  /** Bytes of each table with its indexes. */
  readonly tables: ReadonlyMap<string, number>;
  readonly rows: ReadonlyMap<string, number>;
}

/** The sizes in a database that no server has open. */
function readSize(file: string): Size {
  const database = new DatabaseSync(file);
  const pages = database
    .prepare(
      `SELECT schema.tbl_name AS name, sum(pages.pgsize) AS bytes FROM dbstat AS pages
       JOIN sqlite_schema AS schema ON schema.name = pages.name GROUP BY schema.tbl_name`,
    )
    .all();
  const tables = new Map(pages.map(({ name, bytes }) => [String(name), Number(bytes)]));
  const rows = new Map(
    [...tables.keys()].map((name) => {
      const [count] = database.prepare(`SELECT count(*) AS n FROM "${name}"`).all();
      return [name, Number(count?.n)];
    }),
  );
  database.close();
  return { bytes: statSync(file).size, tables, rows };
}

function report(size: Size): string {
  const perJob = (count: number): string => (count / jobs).toFixed(2);
  const largest = [...size.tables].sort(([, a], [, b]) => b - a).slice(0, 8);
  return [
    `${jobs} jobs of ${cases} cases, runs of ${filesPerRun}: ${size.bytes} bytes, ${Math.round(size.bytes / jobs)} a job`,
    '',
    '| table, with its indexes | bytes a job | rows a job |',
    '|---|---|---|',
    ...largest.map(
      ([name, bytes]) =>
        `| \`${name}\` | ${Math.round(bytes / jobs)} | ${perJob(size.rows.get(name) ?? 0)} |`,
    ),
    '',
  ].join('\n');
}

/** From an empty server to its finished jobs; the server ends whatever happens. */
async function measure(folder: string): Promise<void> {
  const server = await startServerProcess(folder, { flags: ['--log-level', 'warn'] });
  try {
    const tenant = await makeTenant(server.url, server.adminToken, 'bench');
    const connection = await Connection.open(server.url);
    const agent = await registerAgent(connection, tenant, 'rack', Array(4).fill(target));
    const heartbeats = await Connection.open(server.url);
    const timer = keepAlive(heartbeats, tenant, [agent]);
    try {
      await runJobs(connection, tenant, agent);
    } finally {
      clearInterval(timer);
      heartbeats.close();
      connection.close();
    }
    workspace.log(`${jobs} jobs are done; resident memory of the server ${server.residentKib()} KiB`);
  } finally {
    await server.stop();
  }
}

const workspace = makeWorkspace();
try {
  const folder = workspace.newFolder();
  await measure(folder);
  process.stdout.write(report(readSize(join(folder, 'qgjob.db'))));
} finally {
  workspace.remove();
}
