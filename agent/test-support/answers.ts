import { createHash } from 'node:crypto';
import { type ErrorCode, errorTable } from '../../protocol/errors.ts';
import type { RouteName } from '../../protocol/routes.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import { leasedJob } from './leases.ts';
import type { Call } from './read-call.ts';

/** What the fake server answers to a call; a text is sent as a page, bytes as they are. */
export type Answer = { readonly status: number; readonly body?: unknown };

/** The page that something between agent and server answers with. */
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

/** The job as it was leased: the agent reads nothing else of it. */
export function jobOf(leases: Iterable<Lease>, { params }: Call): LeasedJob {
  const jobs = [...leases].flatMap((lease) => lease.jobs);
  return jobs.find((job) => job.job_id === params.job_id) ?? leasedJob('gone.sh');
}

/** The logs that a fake server got, by job. It appends as the real one does. */
export class FakeLogs {
  readonly #logs = new Map<string, Buffer>();

  textOf(jobId: string): string {
    return (this.#logs.get(jobId) ?? Buffer.alloc(0)).toString('utf8');
  }

  append({ params, query, body }: Call): Answer {
    const jobId = params.job_id ?? '';
    const log = this.#logs.get(jobId) ?? Buffer.alloc(0);
    const offset = Number(query.get('offset'));
    if (offset > log.length) return refusal('conflict', 'gap', { size: log.length });
    const next = Buffer.concat([log.subarray(0, offset), body as Buffer]);
    if (next.length > log.length) this.#logs.set(jobId, next);
    return ok({ size: Math.max(next.length, log.length) });
  }
}

/** The artifacts that a fake server got, by job and name. It checks their hash as the real one does. */
export class FakeArtifacts {
  readonly #artifacts = new Map<string, Map<string, Buffer>>();

  /** Their texts by name. */
  of(jobId: string): Record<string, string> {
    const named = this.#artifacts.get(jobId) ?? new Map<string, Buffer>();
    return Object.fromEntries([...named].map(([name, bytes]) => [name, bytes.toString('utf8')]));
  }

  take({ params, query, body }: Call): Answer {
    const jobId = params.job_id ?? '';
    const name = decodeURIComponent(params.name ?? '');
    const bytes = body as Buffer;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (query.get('sha256') !== sha256) return refusal('invalid', 'sha256: the bytes have another one');
    this.#artifacts.set(jobId, (this.#artifacts.get(jobId) ?? new Map()).set(name, bytes));
    const attempt = Number(query.get('attempt'));
    const of = { artifact_id: 'art_1', job_id: jobId, attempt, name, kind: 'other' };
    return ok({ ...of, content_type: 'text/plain', size: bytes.length, sha256, url: 'http://fake/' });
  }
}

export interface FilterOptions {
  /** How many calls it answers; default 1. */
  readonly times?: number;
  /** Which calls; default all. */
  readonly when?: (call: Call) => boolean;
}

/** Something between agent and server, which answers calls with its own pages. */
export class Filters {
  readonly #filters = new Map<RouteName, { status: number; left: number; when: (call: Call) => boolean }>();

  set(name: RouteName, status: number, { times = 1, when = () => true }: FilterOptions): void {
    this.#filters.set(name, { status, left: times, when });
  }

  answer(call: Call): Answer | undefined {
    const filter = this.#filters.get(call.name);
    if (!filter || filter.left === 0 || !filter.when(call)) return undefined;
    filter.left -= 1;
    return page(filter.status);
  }
}
