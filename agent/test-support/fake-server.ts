import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ErrorCode, errorTable } from '../../protocol/errors.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { FinishJob, Lease } from '../../protocol/shapes/agent.ts';

/** One call that the agent made. */
export interface Call {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

interface Refusal {
  readonly code: ErrorCode;
  readonly details?: Record<string, unknown>;
}

type Answer = { readonly status: number; readonly body?: unknown };

const ok = (body: unknown): Answer => ({ status: 200, body });
const empty: Answer = { status: 204 };

/** The server as an agent sees it, over real HTTP: leases are what the test offers, calls are written down. */
export class FakeServer {
  readonly calls: Call[] = [];
  readonly logs = new Map<string, Buffer>();
  ttlMs = 60_000;
  heartbeatMs = 15_000;
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  readonly #leases: Lease[] = [];
  readonly #refusals = new Map<RouteName, Refusal[]>();
  readonly #watchers = new Set<() => void>();
  readonly #lost = new Set<string>();
  readonly #cancelled = new Set<string>();
  #news = 0;
  #drain = false;

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The next take gets it. */
  offer(lease: Lease): void {
    this.#leases.push(lease);
    this.#changed();
  }

  /** The next `times` calls of this name are refused. */
  refuse(name: RouteName, code: ErrorCode, details?: Record<string, unknown>, times = 1): void {
    const list = Array.from({ length: times }, () => ({ code, ...(details && { details }) }));
    this.#refusals.set(name, [...(this.#refusals.get(name) ?? []), ...list]);
  }

  /** News for the held heartbeat. */
  tell(news: { lost?: string; cancel?: string; drain?: boolean }): void {
    if (news.lost) this.#lost.add(news.lost);
    if (news.cancel) this.#cancelled.add(news.cancel);
    if (news.drain !== undefined) this.#drain = news.drain;
    this.#news += 1;
    this.#changed();
  }

  callsOf(name: RouteName): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  /** What was reported of a job. */
  verdictOf(jobId: string): FinishJob | undefined {
    return this.callsOf('finishJob').find((call) => call.params.job_id === jobId)?.body as
      | FinishJob
      | undefined;
  }

  logOf(jobId: string): string {
    return (this.logs.get(jobId) ?? Buffer.alloc(0)).toString('utf8');
  }

  /** Resolves once `met` is true; looked at after each call. */
  async until(met: () => boolean): Promise<void> {
    while (!met()) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const wake of watchers) wake();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(request, response).catch(
      (error: Error): Answer => ({
        status: 500,
        body: { error: { code: 'internal', message: error.message } },
      }),
    );
    if (response.destroyed) return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
    this.#changed();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const call = await readCall(request);
    this.calls.push(call);
    this.#changed();
    const refusal = this.#refusals.get(call.name)?.shift();
    if (refusal) {
      return {
        status: errorTable[refusal.code].status,
        body: { error: { message: refusal.code, ...refusal } },
      };
    }
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    if (call.name === 'registerAgent') return this.#register(call);
    if (call.name === 'takeLease') return this.#take(call, gone);
    if (call.name === 'heartbeat') return this.#beat(call, gone);
    if (call.name === 'appendLogs') return this.#append(call);
    return call.name === 'startJob' || call.name === 'finishJob' ? ok({ job_id: call.params.job_id }) : empty;
  }

  #register(call: Call): Answer {
    const { devices } = call.body as { devices: { name: string }[] };
    return ok({
      agent_id: 'agt_1',
      devices: devices.map(({ name }) => ({ device_id: `dev_${name}`, name })),
      lease_ttl_ms: this.ttlMs,
      heartbeat_ms: this.heartbeatMs,
    });
  }

  async #take({ body }: Call, gone: Promise<void>): Promise<Answer> {
    const { lease_id, wait_ms } = body as { lease_id: string; wait_ms: number };
    await this.#hold(wait_ms, gone, () => this.#leases.length > 0);
    const lease = this.#leases.shift();
    return lease ? ok({ ...lease, lease_id }) : empty;
  }

  async #beat({ body }: Call, gone: Promise<void>): Promise<Answer> {
    const { leases, wait_ms } = body as { leases: string[]; wait_ms: number };
    const seen = this.#news;
    const cancel = [...this.#cancelled];
    const known = leases.some((id) => this.#lost.has(id)) || (leases.length > 0 && cancel.length > 0);
    await this.#hold(wait_ms, gone, () => known || this.#news > seen);
    return ok({
      leases: leases.map((lease_id) => ({
        lease_id,
        status: this.#lost.has(lease_id) ? 'lost' : 'active',
        expires_at: null,
        cancel: [...this.#cancelled],
      })),
      drain: this.#drain,
    });
  }

  #append({ params, query, body }: Call): Answer {
    const jobId = params.job_id ?? '';
    const log = this.logs.get(jobId) ?? Buffer.alloc(0);
    const offset = Number(query.get('offset'));
    if (offset > log.length) {
      return {
        status: 409,
        body: { error: { code: 'conflict', message: 'gap', details: { size: log.length } } },
      };
    }
    const next = Buffer.concat([log.subarray(0, offset), body as Buffer]);
    this.logs.set(jobId, next.length > log.length ? next : log);
    return ok({ size: this.logs.get(jobId)?.length });
  }

  /** As the real server does: until there is something, the time is over or the caller hangs up. */
  async #hold(ms: number, gone: Promise<void>, ready: () => boolean): Promise<void> {
    let over = false;
    const end = (): void => {
      over = true;
      this.#changed();
    };
    const timer = setTimeout(end, ms);
    void gone.then(end);
    await this.until(() => over || ready());
    clearTimeout(timer);
  }
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  for (const [name, route] of Object.entries(routes)) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = route.method === request.method ? pattern.exec(url.pathname) : null;
    if (!match) continue;
    const isJson = request.headers['content-type']?.startsWith('application/json');
    const body = isJson && bytes.length > 0 ? (JSON.parse(bytes.toString()) as unknown) : bytes;
    return { name: name as RouteName, params: { ...match.groups }, query: url.searchParams, body };
  }
  throw new Error(`the fake server knows no ${request.method} ${url.pathname}`);
}
