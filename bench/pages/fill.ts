import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Run, SubmitAnswer } from '../../protocol/shapes/run.ts';
import type { TestList } from '../../protocol/shapes/test.ts';
import { bearer, call, keepAlive, makeTenant, registerAgent, type Tenant } from '../queue/api.ts';
import { Connection } from '../queue/connection.ts';
import type { ServerProcess } from '../queue/server-process.ts';
import { requestLease } from '../queue/simulated-device.ts';

export interface Size {
  readonly runs: number;
  readonly testsPerRun: number;
  /** Of the log of one job, in bytes. */
  readonly logBytes: number;
}

/** What was made last. */
export interface Filled {
  readonly run: string;
  /** The one with the log. */
  readonly job: string;
  readonly test: string;
}

const devices = 8;
const chunkBytes = 1024 * 1024;
/** Of so many tests one fails and one is flaky. */
const oddOneOf = 100;

/** Submits runs of the same tests and executes them as agents do, whose tests take no time. One job has the log. */
export async function fill(server: ServerProcess, { runs, testsPerRun, logBytes }: Size): Promise<Filled> {
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  const connection = await Connection.open(server.url);
  const agent = await registerAgent(connection, tenant, 'bench', Array(devices).fill('emulator'));
  const alive = await Connection.open(server.url);
  const heartbeat = keepAlive(alive, tenant, [agent]);
  const tests = Array.from({ length: testsPerRun }, (_, n) => `tests/area-${n % 50}/flow-${n}.spec.ts`);
  const body = {
    ...{ app_version_id: 'v1', target: 'emulator', tests, max_retries: 0, retry_failed_tests: 0 },
    branch: { repository_id: 'shop', ref: 'main' },
  };
  const log = new Log(server.url, logBytes);
  let run = '';
  for (let n = 1; n <= runs; n += 1) {
    run = (await call<SubmitAnswer>(connection, tenant.submit, '/v1/runs', body)).run.run_id;
    log.isDue = n === runs;
    while (!(await isOver(connection, tenant, run)))
      await Promise.all(agent.devices.map((device) => execute(server.url, tenant, device, log)));
  }
  const test = await firstTest(connection, tenant);
  clearInterval(heartbeat);
  for (const open of [alive, connection]) open.close();
  if (log.jobId === undefined) throw new Error('no test was executed');
  return { run, job: log.jobId, test };
}

/** Once the server has counted the runs into its ledger, which it does behind them. */
async function firstTest(connection: Connection, tenant: Tenant): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { text } = await connection.send('GET', '/v1/tests?limit=1', tenant.submit);
    const [first] = (JSON.parse(text) as TestList).tests;
    if (first !== undefined) return first.test_id;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no test was counted in a minute');
}

async function isOver(connection: Connection, tenant: Tenant, run: string): Promise<boolean> {
  const { text } = await connection.send('GET', `/v1/runs/${run}`, tenant.submit);
  return (JSON.parse(text) as Run).finished_at !== null;
}

/** Until nothing is queued. */
async function execute(
  url: string,
  tenant: Tenant,
  device: Parameters<typeof requestLease>[2],
  log: Log,
): Promise<void> {
  const own = await Connection.open(url);
  for (;;) {
    const lease = await requestLease(own, tenant, device, 100);
    if (!lease) break;
    if (lease.install)
      await call(own, bearer(lease.token), `/v1/leases/${lease.lease_id}/installed`, {
        ...{ ok: true, duration_ms: 1000, installs: 1 },
      });
    await log.write(lease);
    await finish(own, lease);
  }
  own.close();
}

async function finish(connection: Connection, lease: Lease): Promise<void> {
  const jobs = lease.jobs.map(({ job_id, next_attempt: attempt, test_path: path }) => {
    const place = Number(/\d+(?=\.spec)/.exec(path)?.[0]) % oddOneOf;
    const status = place === 0 || (place === 1 && attempt === 1) ? 'failed' : 'passed';
    const tests = [{ name: 'pays by card', file: path, line: 12, status, duration_ms: 1000 }];
    return { job_id, attempt, verdict: status, duration_ms: 1000, tests };
  });
  await call(connection, bearer(lease.token), `/v1/leases/${lease.lease_id}/finish`, { jobs });
}

/** A log of lines with their numbers, which the first job has that is executed once it is due. */
class Log {
  isDue = false;
  jobId: string | undefined;
  readonly #url: string;
  readonly #bytes: Buffer<ArrayBuffer>;

  constructor(url: string, size: number) {
    this.#url = url;
    const line = (n: number) =>
      `\u001b[3${n % 8}mstep ${n}\u001b[0m taps the button and waits for the basket\n`;
    const lines = Array.from({ length: Math.ceil(size / line(0).length) }, (_, n) => line(n));
    this.#bytes = Buffer.from(lines.join('')).subarray(0, size);
  }

  async write({ lease_id: id, token, jobs: [job] }: Lease): Promise<void> {
    if (!this.isDue || !job || this.jobId !== undefined) return;
    this.jobId = job.job_id;
    const attempt = job.next_attempt;
    const place = `${this.#url}/v1/leases/${id}/jobs/${job.job_id}`;
    await send(`${place}/start`, 'POST', token, JSON.stringify({ attempt }));
    for (let offset = 0; offset < this.#bytes.length; offset += chunkBytes)
      await send(
        `${place}/logs?attempt=${attempt}&offset=${offset}`,
        'PUT',
        token,
        this.#bytes.subarray(offset, offset + chunkBytes),
      );
  }
}

async function send(
  url: string,
  method: string,
  token: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(url, { method, headers, body });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
}
