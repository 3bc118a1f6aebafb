import type { Lease } from '../../protocol/shapes/agent.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { bearer, call, makeTenant, registerAgent, type Tenant } from '../queue/api.ts';
import { Connection } from '../queue/connection.ts';
import type { ServerProcess } from '../queue/server-process.ts';
import { requestLease } from '../queue/simulated-device.ts';

export interface Size {
  readonly runs: number;
  readonly testsPerRun: number;
  /** Of the log of one job, in bytes. */
  readonly logBytes: number;
}

/** The paths of pages about what was made last. */
export interface Filled {
  readonly run: string;
  readonly job: string;
}

const devices = 8;
const logChunk = 1024 * 1024;
/** Of so many tests one fails. */
const failsOneOf = 100;

/** Submits runs of the same tests and executes them as agents do, whose tests take no time. The first job has the log. */
export async function fill(server: ServerProcess, { runs, testsPerRun, logBytes }: Size): Promise<Filled> {
  const tenant = await makeTenant(server.url, server.adminToken, 'bench');
  const connection = await Connection.open(server.url);
  const agent = await registerAgent(connection, tenant, 'bench', Array(devices).fill('emulator'));
  const tests = Array.from({ length: testsPerRun }, (_, n) => `tests/area-${n % 50}/flow-${n}.spec.ts`);
  const body = {
    ...{ app_version_id: 'v1', target: 'emulator', tests, max_retries: 0, retry_failed_tests: 0 },
    branch: { repository_id: 'shop', ref: 'main' },
  };
  let filled: Filled = { run: '', job: '' };
  for (let n = 0; n < runs; n += 1) {
    const { run, jobs } = await call<SubmitAnswer>(connection, tenant.submit, '/v1/runs', body);
    filled = { run: run.run_id, job: jobs[0]?.job_id ?? '' };
    const withLog = { jobId: filled.job, logBytes: n === runs - 1 ? logBytes : 0 };
    await Promise.all(agent.devices.map((device) => execute(server.url, tenant, device, withLog)));
  }
  connection.close();
  return filled;
}

/** Until nothing is queued. */
async function execute(
  url: string,
  tenant: Tenant,
  device: Parameters<typeof requestLease>[2],
  log: { readonly jobId: string; readonly logBytes: number },
): Promise<void> {
  const own = await Connection.open(url);
  for (;;) {
    const lease = await requestLease(own, tenant, device, 0);
    if (!lease) break;
    if (lease.install)
      await call(own, bearer(lease.token), `/v1/leases/${lease.lease_id}/installed`, {
        ...{ ok: true, duration_ms: 1000, installs: 1 },
      });
    if (lease.jobs.some(({ job_id: id }) => id === log.jobId)) await writeLog(url, lease, log);
    await finish(own, lease);
  }
  own.close();
}

async function finish(connection: Connection, lease: Lease): Promise<void> {
  const jobs = lease.jobs.map(({ job_id, next_attempt: attempt, test_path: path }) => {
    const fails = Number(/\d+(?=\.spec)/.exec(path)?.[0]) % failsOneOf === 0;
    const status = fails ? 'failed' : 'passed';
    const tests = [{ name: 'pays by card', file: path, line: 12, status, duration_ms: 1000 }];
    return { job_id, attempt, verdict: status, duration_ms: 1000, tests };
  });
  await call(connection, bearer(lease.token), `/v1/leases/${lease.lease_id}/finish`, { jobs });
}

/** Lines as a test prints them, each with its number. */
async function writeLog(
  url: string,
  { lease_id, token }: Lease,
  { jobId, logBytes }: { readonly jobId: string; readonly logBytes: number },
): Promise<void> {
  const lines: string[] = [];
  for (let size = 0, n = 0; size < logBytes; n += 1) {
    const line = `\u001b[3${n % 8}mstep ${n}\u001b[0m taps the button and waits for the basket\n`;
    lines.push(line);
    size += line.length;
  }
  const place = `${url}/v1/leases/${lease_id}/jobs/${jobId}`;
  await send(`${place}/start`, 'POST', token, JSON.stringify({ attempt: 1 }));
  const bytes = Buffer.from(lines.join('')).subarray(0, logBytes);
  for (let offset = 0; offset < bytes.length; offset += logChunk) {
    const query = new URLSearchParams({ attempt: '1', offset: String(offset) });
    await send(`${place}/logs?${query}`, 'PUT', token, bytes.subarray(offset, offset + logChunk));
  }
}

async function send(url: string, method: string, token: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const answer = await fetch(url, { method, headers, body });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
}
