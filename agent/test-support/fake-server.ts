import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RouteName, routes } from '../../protocol/routes.ts';
import type { FinishJob, Heartbeat, Lease, TakeLease } from '../../protocol/shapes/agent.ts';
import { type Answer, empty, FakeArtifacts, FakeLogs, jobOf, ok, refusal, registered } from './answers.ts';
import { Changes } from './changes.ts';
import { agentToken } from './leases.ts';
import { type Call, readCall } from './read-call.ts';
import { Trouble } from './trouble.ts';

/** The server as an agent sees it, over real HTTP: it grants the leases of the test, and records all calls. */
export class FakeServer {
  readonly calls: Call[] = [];
  readonly artifacts = new FakeArtifacts();
  readonly #logs = new FakeLogs();
  /** By lease id. */
  readonly granted = new Map<string, Lease>();
  /** The bytes of every bundle. */
  source: Uint8Array = new Uint8Array();
  /** The bytes of every app. */
  app: Uint8Array = new Uint8Array();
  ttlMs = 60_000;
  heartbeatMs = 15_000;
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  readonly #toGrant: Lease[] = [];
  // By device, the id of the last lease request: only that one is still open.
  readonly #asking = new Map<string, string>();
  #lastHeartbeat: unknown;
  readonly #trouble = new Trouble();
  readonly refuse = this.#trouble.refuse;
  readonly standBetween = this.#trouble.standBetween;
  readonly loseAnswer = this.#trouble.loseAnswer;
  readonly hold = this.#trouble.hold;
  readonly #changes = new Changes();
  /** Resolves once a condition is true; it is checked after each call and each answer. */
  readonly until = this.#changes.until;
  readonly #lost = new Set<string>();
  readonly #cancelled = new Set<string>();
  #drain = false;
  // There is news that no heartbeat has been answered with yet.
  #news = false;
  #isAway = false;

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.goAway();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** From now on every connection is closed. */
  goAway(): void {
    this.#isAway = true;
    this.#server.closeAllConnections();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  /** The next lease request gets it. */
  grant(lease: Lease): void {
    this.#toGrant.push(lease);
    this.#changes.tell();
  }

  /** It has been granted under this id already; its answer was lost. */
  hasGranted(leaseId: string, lease: Lease): void {
    this.granted.set(leaseId, { ...lease, lease_id: leaseId });
  }

  /** News for the held heartbeat. */
  giveNews(news: { lost?: string; cancel?: string; drain?: boolean }): void {
    if (news.lost) this.#lost.add(news.lost);
    if (news.cancel) this.#cancelled.add(news.cancel);
    this.#drain = news.drain ?? this.#drain;
    this.#news = true;
    this.#changes.tell();
  }

  callsOf(name: RouteName): Call[] {
    return this.calls.filter((call) => call.name === name);
  }

  /** Names of the calls about leases and jobs, in their order, without polls, heartbeats and logs. */
  get story(): RouteName[] {
    const noise = ['registerAgent', 'takeLease', 'heartbeat', 'appendLogs'];
    return this.calls.map(({ name }) => name).filter((name) => !noise.includes(name));
  }

  /** The verdict that was sent for a job. */
  verdictOf(jobId: string): FinishJob | undefined {
    const isOfJob = ({ params }: Call): boolean => params.job_id === jobId;
    return this.callsOf('finishJob').find(isOfJob)?.body as FinishJob | undefined;
  }

  async verdict(jobId: string): Promise<FinishJob> {
    await this.until(() => this.verdictOf(jobId) !== undefined);
    return this.verdictOf(jobId) as FinishJob;
  }

  logOf(jobId: string): string {
    return this.#logs.textOf(jobId);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A request that is broken off is ignored.
    const call = await readCall(request).catch(() => undefined);
    if (!call || this.#isAway) return void response.destroy();
    const between = this.#trouble.between(call);
    if (!between) this.calls.push(call);
    this.#changes.tell();
    const { status, body } = between ?? (await this.#answer(call, response));
    if (this.#trouble.isUnheard(call)) response.destroy();
    if (response.destroyed) return;
    send(response, status, body, etagOf(call, this.granted.get(call.params.id ?? '')));
    this.#changes.tell();
  }

  async #answer(call: Call, response: ServerResponse): Promise<Answer> {
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    const refused = await this.#trouble.refusalOf(call);
    if (refused) return refused;
    if (call.invalid) return refusal('invalid', call.invalid);
    if (call.token !== this.#tokenFor(call))
      return refusal('forbidden', `${call.name}: another token is needed`);
    if (call.name === 'registerAgent') return registered(call, this);
    if (call.name === 'takeLease') return this.#take(call, gone);
    if (call.name === 'heartbeat') return this.#answerHeartbeat(call, gone);
    if (call.name === 'appendLogs') return this.#logs.append(call);
    if (call.name === 'getLeaseSource') return ok(this.source);
    if (call.name === 'getLeaseApp') return ok(this.app);
    if (call.name === 'uploadArtifact') return this.artifacts.take(call);
    const isOfJob = call.name === 'startJob' || call.name === 'finishJob';
    return isOfJob ? ok(jobOf(this.granted.values(), call)) : empty;
  }

  /** As the real server has it: the calls of a lease need its own token, all others that of the agent. */
  #tokenFor({ name, params }: Call): string | undefined {
    if (routes[name].scope !== 'lease') return agentToken;
    return this.granted.get(params.id ?? '')?.token;
  }

  async #take({ body }: Call, gone: Promise<void>): Promise<Answer> {
    const { lease_id, device_id, wait_ms } = body as TakeLease;
    const known = this.granted.get(lease_id);
    if (known) return ok(known);
    this.#asking.set(device_id, lease_id);
    const ready = () => this.#toGrant.length > 0 && this.#asking.get(device_id) === lease_id;
    const lease = (await this.#changes.within(wait_ms, gone, ready)) ? this.#toGrant.shift() : undefined;
    if (!lease) return empty;
    this.granted.set(lease_id, { ...lease, lease_id });
    return ok(this.granted.get(lease_id));
  }

  async #answerHeartbeat({ body }: Call, gone: Promise<void>): Promise<Answer> {
    this.#lastHeartbeat = body;
    const { leases, wait_ms } = body as Heartbeat;
    if (await this.#changes.within(wait_ms, gone, () => this.#news && this.#lastHeartbeat === body))
      this.#news = false;
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
}

/** The hash of the file that a lease is about to get. */
function etagOf({ name }: Call, lease: Lease | undefined): string {
  if (name === 'getLeaseApp') return lease?.app?.sha256 ?? '';
  return lease?.source?.kind === 'bundle' ? lease.source.sha256 : '';
}

function send(response: ServerResponse, status: number, body: unknown, sha256: string): void {
  if (body instanceof Uint8Array) {
    response.writeHead(status, { 'content-type': 'application/octet-stream', etag: `"${sha256}"` }).end(body);
    return;
  }
  const isPage = typeof body === 'string';
  response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json' });
  response.end(isPage ? body : body === undefined ? undefined : JSON.stringify(body));
}
