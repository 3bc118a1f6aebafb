import { randomUUID } from 'node:crypto';
import { limits } from '../../protocol/limits.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { ReplayContext } from './replay-context.ts';
import type { TraceDevice } from './trace.ts';

/** The agent of one simulated device: it registers, sends heartbeats, polls, and sleeps instead of working. */
export class Host {
  readonly #context: ReplayContext;
  readonly #device: TraceDevice;
  readonly #bootId = randomUUID();
  #agentId = '';
  #deviceId = '';
  #heartbeatMs = 0;
  #installed: { readonly org_id: string; readonly app_version_id: string } | null = null;
  #lease: Lease | undefined;

  constructor(context: ReplayContext, device: TraceDevice) {
    this.#context = context;
    this.#device = device;
  }

  async register(): Promise<void> {
    const { id: name, target } = this.#device;
    const body = { name, boot_id: this.#bootId, version: 'replay', devices: [{ name, target }] };
    const made = await this.#context.client.call('registerAgent', { body });
    this.#agentId = made.agent_id;
    this.#deviceId = made.devices[0]?.device_id ?? '';
    this.#heartbeatMs = made.heartbeat_ms;
  }

  /** Runs until the replay is over; never rejects. */
  async run(): Promise<void> {
    await Promise.all(
      [this.#sendHeartbeats(), this.#work()].map((loop) => loop.catch((error) => this.#context.fail(error))),
    );
  }

  /** Long polls of one heartbeat interval. A lost lease shows in the next call about its jobs. */
  async #sendHeartbeats(): Promise<void> {
    const { client, over } = this.#context;
    while (!over.aborted) {
      const leases = this.#lease ? [this.#lease.lease_id] : [];
      const body = { boot_id: this.#bootId, leases, wait_ms: Math.min(this.#heartbeatMs, limits.longPollMs) };
      await client.call('heartbeat', { params: { id: this.#agentId }, body, signal: over });
      // The server answers at once when there is news; without a pause the loop could take all the time.
      await this.#context.sleep(0.02);
    }
  }

  async #work(): Promise<void> {
    const { client, over } = this.#context;
    while (!over.aborted) {
      const request = { lease_id: randomUUID(), boot_id: this.#bootId, device_id: this.#deviceId };
      const body = { ...request, wait_ms: limits.longPollMs, installed: this.#installed };
      this.#lease = await client.call('takeLease', { body, signal: over });
      if (this.#lease) await this.#runLease(this.#lease);
      this.#lease = undefined;
    }
  }

  async #runLease(lease: Lease): Promise<void> {
    const first = lease.jobs[0];
    if (lease.install && first) await this.#install(lease, first);
    for (const job of lease.jobs) await this.#run(lease, job);
  }

  async #install(lease: Lease, { test_path }: LeasedJob): Promise<void> {
    const t = this.#context.now();
    await this.#context.sleep(this.#context.jobs.get(test_path)?.simulate.install_s ?? Number.NaN);
    const dur = this.#context.now() - t;
    const { org_id, app_version_id, target } = lease;
    const group = `${org_id}/${app_version_id}/${target}`;
    this.#context.events.push({ type: 'install', t, dur, device: this.#device.id, family: group });
    this.#installed = { org_id, app_version_id };
    await this.#context.client.as(lease.token).call('reportInstalled', {
      params: { id: lease.lease_id },
      body: { ok: true, duration_ms: this.#context.inServerMs(dur), installs: 1 },
    });
  }

  async #run(lease: Lease, { job_id, test_path: job, next_attempt: attempt }: LeasedJob): Promise<void> {
    const { events, jobs } = this.#context;
    const client = this.#context.client.as(lease.token);
    const device = this.#device.id;
    const params = { id: lease.lease_id, job_id };
    const sent = this.#context.now();
    await client.call('startJob', { params, body: { attempt } });
    const started = this.#context.now();
    this.#context.roundTrips.push(started - sent);
    events.push({ type: 'start', t: started, job, device });
    await this.#context.sleep(jobs.get(job)?.simulate.test_s ?? Number.NaN);
    const t = this.#context.now();
    events.push({ type: 'end', t, job, device });
    const duration_ms = this.#context.inServerMs(t - started);
    const tests = [{ name: job, status: 'passed' as const, duration_ms }];
    const body = { attempt, verdict: 'passed' as const, duration_ms, tests };
    const { status } = await client.call('finishJob', { params, body });
    if (status !== 'passed') throw new Error(`${job} passed and is ${status}`);
    this.#context.passed(job);
  }
}
