import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openStore, type Store } from '../server/db/open-store.ts';
import type { Deps } from '../server/queue/deps.ts';
import { finishAttempt } from '../server/queue/finish-attempt.ts';
import { registerAgent } from '../server/queue/register-agent.ts';
import { reportInstalled } from '../server/queue/report-installed.ts';
import { submitRun } from '../server/queue/submit-run.ts';
import { takeLease } from '../server/queue/take-lease.ts';
import { Together } from '../server/queue/together.ts';
import { Turns } from '../server/queue/turns.ts';

// The shapes of the evaluator, seconds of virtual time.
interface BenchJob {
  readonly id: string;
  readonly run: string;
  readonly org: string;
  readonly app: string;
  readonly target: string;
  readonly priority: number;
  readonly est: number;
  readonly setup: number;
}
interface BenchDevice {
  readonly id: string;
  readonly target: string;
}
interface BenchState {
  readonly now: number;
  readonly devices: readonly BenchDevice[];
}
interface BenchLease {
  readonly install: number;
  readonly jobs: readonly { readonly id: string; readonly start: number; readonly end: number }[];
}

const epoch = Date.UTC(2026, 0, 1);
const everyone = { owner: undefined };
const boot = 'boot-of-the-farm';
let template: Promise<string> | undefined;

/** One migrated file that every simulation copies. */
async function makeTemplate(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'qgjob-bench-')), 'template.db');
  await (await openStore(file)).close();
  return file;
}

/**
 * The real store and scheduler behind the evaluator's hooks: what ships decides, in virtual time. Durability alone is
 * relaxed. Predictions and install times are put where the store keeps its history.
 */
export default async function makeAdapter() {
  template ??= makeTemplate();
  const file = join(await mkdtemp(join(tmpdir(), 'qgjob-bench-')), 'bench.db');
  await copyFile(await template, file);
  const store: Store = await openStore(file);
  await store.gate.read('PRAGMA synchronous = OFF');
  let now = epoch;
  const deps: Deps = {
    db: store.db,
    gate: store.gate,
    now: () => now,
    random: Math.random,
    turns: new Turns(),
    together: new Together(),
    // Nothing beats in virtual time.
    settings: {
      leaseTtlMs: 10 ** 12,
      heartbeatMs: 1000,
      maxRetries: 3,
      defaultTarget: 'emulator',
      publicUrl: '',
    },
  };
  const deviceIds = new Map<string, string>();
  const jobIds = new Map<string, string>();
  const leases = new Map<string, { id: string; install: boolean }>();
  let count = 0;
  const at = (state: BenchState) => {
    now = epoch + Math.round(state.now * 1000);
  };

  return {
    name: 'qgjob',
    async init(state: BenchState) {
      at(state);
      const devices = state.devices.map(({ id, target }) => ({ name: id, target }));
      for (let n = 0; n < devices.length; n += 200) {
        const body = { name: `farm-${n}`, boot_id: boot, version: '1', devices: devices.slice(n, n + 200) };
        for (const made of (await registerAgent(deps, '', body)).devices)
          deviceIds.set(made.name, made.device_id);
      }
    },
    async onArrive(jobs: readonly BenchJob[], state: BenchState) {
      at(state);
      for (const own of Map.groupBy(jobs, (job) => `${job.app} ${job.priority}`).values())
        await submit(deps, own, jobIds);
    },
    async choose(state: BenchState, device: BenchDevice) {
      at(state);
      count += 1;
      const input = {
        lease_id: `lease-${count}`,
        boot_id: boot,
        device_id: deviceIds.get(device.id) ?? '',
        wait_ms: 0,
      };
      const lease = await takeLease(deps, everyone, input);
      if (!lease) return null;
      leases.set(device.id, { id: lease.lease_id, install: lease.install });
      return { jobs: lease.jobs.map((job) => job.test_path) };
    },
    async onFree(_jobs: readonly BenchJob[], device: BenchDevice, state: BenchState, done: BenchLease) {
      at(state);
      const lease = leases.get(device.id);
      if (!lease) throw new Error(`${device.id} has no lease`);
      if (lease.install) {
        const report = { ok: true, duration_ms: Math.round(done.install * 1000), installs: 1 };
        await reportInstalled(deps, everyone, lease.id, report);
      }
      await Promise.all(
        done.jobs.map(({ id, start, end }) =>
          finishAttempt(
            deps,
            everyone,
            { leaseId: lease.id, jobId: jobIds.get(id) ?? '', attempt: 1 },
            {
              attempt: 1,
              verdict: 'passed',
              duration_ms: Math.round((end - start) * 1000),
              tests: [{ name: 't', status: 'passed', duration_ms: 1 }],
            },
          ),
        ),
      );
    },
    async close() {
      await store.close();
      await rm(dirname(file), { recursive: true });
    },
  };
}

/** One run of one app version and priority; what is known of its jobs and installs goes into the history first. */
async function submit(deps: Deps, jobs: readonly BenchJob[], jobIds: Map<string, string>): Promise<void> {
  const [first] = jobs;
  if (!first) return;
  await deps.gate.write([
    { sql: 'INSERT INTO orgs (id, created_at) VALUES (?, 0) ON CONFLICT DO NOTHING', args: [first.org] },
    ...jobs.map((job) => ({
      sql: 'INSERT INTO durations (org_id, target, test_path, p80_ms, changed_at) VALUES (?, ?, ?, ?, 0)',
      args: [job.org, job.target, job.id, Math.max(1, Math.round(job.est * 1000))],
    })),
    ...[...new Map(jobs.map((job) => [job.target, job])).values()].map((job) => ({
      sql: `INSERT INTO groups (org_id, app_version_id, target, setup_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      args: [job.org, job.app, job.target, Math.round(job.setup * 1000)],
    })),
  ]);
  const body = { app_version_id: first.app, priority: first.priority, tests: jobs.map((job) => job.id) };
  const asks = jobs.map((job) => ({ testPath: job.id, target: job.target }));
  const { jobs: made } = await submitRun(deps, { orgId: first.org, body }, asks);
  for (const job of made) jobIds.set(job.test_path, job.job_id);
}
