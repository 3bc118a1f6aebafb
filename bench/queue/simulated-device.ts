import type { FinishedJobs, Lease } from '../../protocol/shapes/agent.ts';
import { type BenchDevice, bearer, call, type Tenant } from './api.ts';
import type { Answer, Connection } from './connection.ts';

/** The duration reported for each test. At this value a lease (about 30 s of work) holds its maximum of 16 jobs. */
const testMs = 1000;
const setupMs = 1000;

/**
 * Requests a lease; the server waits up to `waitMs` for work. Undefined when there was none. If an earlier poll got a
 * lease and its answer was lost, that lease is fetched again by its id.
 */
export async function requestLease(
  connection: Connection,
  tenant: Tenant,
  device: BenchDevice,
  waitMs: number,
): Promise<Lease | undefined> {
  const first = await sendRequest(connection, tenant, device, waitMs, crypto.randomUUID());
  const { lease_id: own } = first.status === 409 ? errorIn(first).details : {};
  const answer = own === undefined ? first : await sendRequest(connection, tenant, device, 0, own);
  if (answer.status > 299) throw new Error(`a lease was refused: ${answer.text}`);
  return answer.text === '' ? undefined : (JSON.parse(answer.text) as Lease);
}

const sendRequest = (
  connection: Connection,
  tenant: Tenant,
  { bootId, deviceId }: BenchDevice,
  waitMs: number,
  leaseId: string,
): Promise<Answer> => {
  const body = { lease_id: leaseId, boot_id: bootId, device_id: deviceId, wait_ms: waitMs };
  return connection.send('POST', '/v1/leases', tenant.agent, JSON.stringify(body));
};

const errorIn = ({ text }: Answer) =>
  ({ details: {}, ...(JSON.parse(text) as { error: object }).error }) as { details: { lease_id?: string } };

/** Installs if the lease says so and reports a verdict for each job, as an agent whose tests take no time. */
export async function completeLease(connection: Connection, lease: Lease): Promise<void> {
  if (lease.install) {
    const report = { ok: true, duration_ms: setupMs, installs: 1 };
    await call(connection, bearer(lease.token), `/v1/leases/${lease.lease_id}/installed`, report);
  }
  await finishAll(connection, lease);
}

async function finishAll(connection: Connection, lease: Lease): Promise<void> {
  const jobs = lease.jobs.map((job) => ({
    job_id: job.job_id,
    attempt: job.next_attempt,
    verdict: 'passed',
    duration_ms: testMs,
  }));
  const path = `/v1/leases/${lease.lease_id}/finish`;
  const answer = await call<FinishedJobs>(connection, bearer(lease.token), path, { jobs });
  const other = answer.jobs.find(({ status }) => status !== 'passed');
  if (other || answer.jobs.length !== jobs.length) {
    throw new Error(`a verdict was not taken: ${JSON.stringify(other ?? answer)}`);
  }
}
