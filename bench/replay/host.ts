import { randomUUID } from 'node:crypto';
import { limits } from '../../protocol/limits.ts';
import type { Lease, LeasedJob } from '../../protocol/shapes/agent.ts';
import type { ReplayContext } from './stage.ts';
import type { TraceDevice } from './trace.ts';

/** The host of one simulated device: an agent that registers, beats, polls, and sleeps where a device would work. */
export class Host {
  readonly #stage: ReplayContext;
  readonly #device: TraceDevice;
  readonly #bootId = randomUUID();
  #agentId = '';
  #deviceId = '';
  #heartbeatMs = 0;
  #installed: { readonly org_id: string; readonly app_version_id: string } | null = null;
  #lease: Lease | undefined;

  constructor(stage: ReplayContext, device: TraceDevice) {
    this.#stage = stage;
    this.#device = device;
  }

  async register(): Promise<void> {
    const { id: name, target } = this.#device;
    const body = { name, boot_id: this.#bootId, version: 'replay', devices: [{ name, target }] };
    const made = await this.#stage.client.call('registerAgent', { body });
    this.#agentId = made.agent_id;
    this.#deviceId = made.devices[0]?.device_id ?? '';
    this.#heartbeatMs = made.heartbeat_ms;
  }

  /** Until it is over; never rejects. */
  async run(): Promise<void> {
    await Promise.all(
      [this.#beat(), this.#work()].map((loop) => loop.catch((error) => this.#stage.fail(error))),
    );
  }

  /** Held as long as the server wants to hear from us. A lease that is lost shows in the next call about its jobs. */
  async #beat(): Promise<void> {
    const { client, over } = this.#stage;
    while (!over.aborted) {
      const leases = this.#lease ? [this.#lease.lease_id] : [];
      const body = { boot_id: this.#bootId, leases, wait_ms: Math.min(this.#heartbeatMs, limits.longPollMs) };
      await client.call('heartbeat', { params: { id: this.#agentId }, body, signal: over });
      // News come at once; without a pause a stream of them would leave no time for anything else.
      await this.#stage.sleep(0.02);
    }
  }

  async #work(): Promise<void> {
    const { client, over } = this.#stage;
    while (!over.aborted) {
      const ask = { lease_id: randomUUID(), boot_id: this.#bootId, device_id: this.#deviceId };
      const body = { ...ask, wait_ms: limits.longPollMs, installed: this.#installed };
      this.#lease = await client.call('takeLease', { body, signal: over });
      if (this.#lease) await this.#workOff(this.#lease);
      this.#lease = undefined;
    }
  }

  async #workOff(lease: Lease): Promise<void> {
    const first = lease.jobs[0];
    if (lease.install && first) await this.#install(lease, first);
    for (const job of lease.jobs) await this.#run(lease, job);
  }

  async #install(lease: Lease, { test_path }: LeasedJob): Promise<void> {
    const t = this.#stage.now();
    await this.#stage.sleep(this.#stage.jobs.get(test_path)?.simulate.install_s ?? Number.NaN);
    const dur = this.#stage.now() - t;
    const { org_id, app_version_id, target } = lease;
    const family = `${org_id}/${app_version_id}/${target}`;
    this.#stage.events.push({ type: 'install', t, dur, device: this.#device.id, family });
    this.#installed = { org_id, app_version_id };
    await this.#stage.client.call('reportInstalled', {
      params: { id: lease.lease_id },
      body: { ok: true, duration_ms: this.#stage.inServerMs(dur), installs: 1 },
    });
  }

  async #run(lease: Lease, { job_id, test_path: job, next_attempt: attempt }: LeasedJob): Promise<void> {
    const { client, events, jobs } = this.#stage;
    const device = this.#device.id;
    const params = { id: lease.lease_id, job_id };
    const asked = this.#stage.now();
    await client.call('startJob', { params, body: { attempt } });
    const started = this.#stage.now();
    this.#stage.roundTrips.push(started - asked);
    events.push({ type: 'start', t: started, job, device });
    await this.#stage.sleep(jobs.get(job)?.simulate.test_s ?? Number.NaN);
    const t = this.#stage.now();
    events.push({ type: 'end', t, job, device });
    const duration_ms = this.#stage.inServerMs(t - started);
    const tests = [{ name: job, status: 'passed' as const, duration_ms }];
    const body = { attempt, verdict: 'passed' as const, duration_ms, tests };
    const { status } = await client.call('finishJob', { params, body });
    if (status !== 'passed') throw new Error(`${job} passed and is ${status}`);
    this.#stage.passed(job);
  }
}
