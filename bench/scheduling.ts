import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../server/db/store.ts';
import { finishAttempt } from '../server/queue/attempts/finish-attempt.ts';
import { registerAgent } from '../server/queue/fleet/register-agent.ts';
import { reportInstalled } from '../server/queue/leases/report-installed.ts';
import { openQueue } from '../server/queue/open-queue.ts';
import type { Deps } from '../server/queue/store/deps.ts';
import { submitRun } from '../server/queue/submit/submit-run.ts';
import type { Device, FarmJob, FarmState, LeaseRecord, Policy } from '../test/scheduling/model.ts';
import { everyone, makeDeps, takeLease } from '../test/support/deps.ts';

const epoch = Date.UTC(2026, 0, 1);
const boot = 'boot-of-the-farm';
const devicesPerAgent = 200;

/**
 * The real store and scheduler as a policy of the simulated farm, in virtual time. Predictions and install times are
 * written where the store keeps its history.
 */
export default async function makeAdapter(): Promise<Policy> {
  const folder = await mkdtemp(join(tmpdir(), 'qgjob-bench-'));
  const store = await openQueue(join(folder, 'bench.db'));
  // Only durability differs from a real server.
  await store.sql.read('PRAGMA synchronous = OFF');
  return new StorePolicy(store, folder);
}

class StorePolicy implements Policy {
  readonly name = 'qgjob';
  readonly #store: Store;
  readonly #folder: string;
  readonly #deps: Deps;
  readonly #deviceIds = new Map<string, string>();
  readonly #jobIds = new Map<string, string>();
  /** By device. */
  readonly #leases = new Map<string, { readonly id: string; readonly install: boolean }>();
  #now = epoch;
  #requests = 0;

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
    // There are no heartbeats in virtual time.
    this.#deps = makeDeps(store, () => this.#now, { leaseTtlMs: 10 ** 12, publicUrl: '' });
  }

  async init(state: FarmState): Promise<void> {
    this.#goTo(state);
    const devices = state.devices.map(({ id, target }) => ({ name: id, target }));
    for (let n = 0; n < devices.length; n += devicesPerAgent) {
      const own = devices.slice(n, n + devicesPerAgent);
      const body = { name: `farm-${n}`, boot_id: boot, version: '1', devices: own };
      for (const made of (await registerAgent(this.#deps, '', body)).devices)
        this.#deviceIds.set(made.name, made.device_id);
    }
  }

  async onArrive(jobs: readonly FarmJob[], state: FarmState): Promise<void> {
    this.#goTo(state);
    for (const own of Map.groupBy(jobs, (job) => `${job.app} ${job.priority}`).values()) {
      await writeHistory(this.#deps, own);
      for (const made of await submit(this.#deps, own)) this.#jobIds.set(made.test_path, made.job_id);
    }
  }

  async choose(state: FarmState, device: Device): Promise<{ jobs: string[] } | null> {
    this.#goTo(state);
    this.#requests += 1;
    const lease = await takeLease(this.#deps, everyone, {
      lease_id: `lease-${this.#requests}`,
      boot_id: boot,
      device_id: this.#deviceIds.get(device.id) ?? '',
      wait_ms: 0,
    });
    if (!lease) return null;
    this.#leases.set(device.id, { id: lease.lease_id, install: lease.install });
    return { jobs: lease.jobs.map((job) => job.test_path) };
  }

  async onFree(
    _jobs: readonly FarmJob[],
    device: Device,
    state: FarmState,
    done: LeaseRecord,
  ): Promise<void> {
    this.#goTo(state);
    const lease = this.#leases.get(device.id);
    if (lease?.install !== done.install > 0)
      throw new Error(`store and farm disagree on what ${device.id} has installed`);
    if (lease.install) {
      const report = { ok: true, duration_ms: Math.round(done.install * 1000), installs: 1 };
      await reportInstalled(this.#deps, everyone, lease.id, report);
    }
    await Promise.all(
      done.jobs.map(({ id, start, end }) => this.#pass(lease.id, id, Math.round((end - start) * 1000))),
    );
  }

  async close(): Promise<void> {
    await this.#store.close();
    await rm(this.#folder, { recursive: true });
  }

  #goTo({ now }: FarmState): void {
    this.#now = epoch + Math.round(now * 1000);
  }

  #pass(leaseId: string, id: string, durationMs: number): Promise<unknown> {
    return finishAttempt(
      this.#deps,
      everyone,
      { leaseId, jobId: this.#jobIds.get(id) ?? '', attempt: 1 },
      {
        attempt: 1,
        verdict: 'passed',
        duration_ms: durationMs,
        tests: [{ name: 't', status: 'passed', duration_ms: durationMs }],
      },
    );
  }
}

/** Writes the predicted durations of the jobs and of their installs into the history. */
async function writeHistory(deps: Deps, jobs: readonly FarmJob[]): Promise<void> {
  const byGroup = new Map(jobs.map((job) => [`${job.org} ${job.app} ${job.target}`, job]));
  await deps.sql.write([
    ...[...new Set(jobs.map((job) => job.org))].map((org) => ({
      sql: 'INSERT INTO orgs (id, created_at) VALUES (?, 0) ON CONFLICT DO NOTHING',
      args: [org],
    })),
    ...jobs.map((job) => ({
      sql: 'INSERT INTO durations (org_id, target, test_path, p80_ms, changed_at) VALUES (?, ?, ?, ?, 0)',
      args: [job.org, job.target, job.id, Math.max(1, Math.round(job.est * 1000))],
    })),
    ...[...byGroup.values()].map((job) => ({
      sql: `INSERT INTO groups (org_id, app_version_id, target, setup_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      args: [job.org, job.app, job.target, Math.round(job.setup * 1000)],
    })),
  ]);
}

/** One run of one app version and priority. */
async function submit(deps: Deps, jobs: readonly FarmJob[]) {
  const [first] = jobs;
  if (!first) return [];
  const body = { app_version_id: first.app, priority: first.priority, tests: jobs.map((job) => job.id) };
  const entries = jobs.map((job) => ({ testPath: job.id, target: job.target }));
  return (await submitRun(deps, { orgId: first.org, body }, entries)).jobs;
}
