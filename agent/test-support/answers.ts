import { type ErrorCode, errorTable } from '../../protocol/errors.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import { leasedJob } from './leases.ts';
import type { Call } from './read-call.ts';

/** What the fake server answers to a call; a text is sent as a page. */
export type Answer = { readonly status: number; readonly body?: unknown };

/** What something in between answers in the server's place. */
export const page = (status: number): Answer => ({
  status,
  body: `<html><head><title>${status}</title></head></html>`,
});

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const empty: Answer = { status: 204 };

export const refusal = (code: ErrorCode, message: string, details?: object): Answer => ({
  status: errorTable[code].status,
  body: { error: { code, message, ...(details && { details }), request_id: 'req_1' } },
});

export function registered({ body }: Call, times: { ttlMs: number; heartbeatMs: number }): Answer {
  const { devices } = body as { devices: { name: string }[] };
  return ok({
    agent_id: 'agt_1',
    devices: devices.map(({ name }) => ({ device_id: `dev_${name}`, name })),
    lease_ttl_ms: times.ttlMs,
    heartbeat_ms: times.heartbeatMs,
  });
}

/** A job as it was leased: an agent asks for no more. */
export function jobOf(leases: Iterable<Lease>, { params }: Call): LeasedJob {
  const jobs = [...leases].flatMap((lease) => lease.jobs);
  return jobs.find((job) => job.job_id === params.job_id) ?? leasedJob('gone.sh');
}
