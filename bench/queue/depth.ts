import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Store } from '../../server/db/store.ts';
import { finishAttempt } from '../../server/queue/attempts/finish-attempt.ts';
import { registerAgent } from '../../server/queue/fleet/register-agent.ts';
import { renewLeases } from '../../server/queue/leases/renew-leases.ts';
import { reportInstalled } from '../../server/queue/leases/report-installed.ts';
import { openQueue } from '../../server/queue/open-queue.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { everyone, makeDeps, takeLease } from '../../test/support/deps.ts';
import { percentile } from '../stats.ts';
import { createSubmitter, depthTarget, type Submitter, writeHistory } from './deep-queue.ts';

export interface DepthFigures {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly takes: number;
}

/** Stores with different numbers of queued rows, in one process, so that all are measured under the same conditions. */
export interface Depths {
  /** Creates a store with this many queued rows; the same seed gives the same rows. */
  fill(rows: number, seed: number): Promise<void>;
  /** Times `takes` leases (choose and take) from the store with this many rows. */
  measure(rows: number, takes: number): Promise<DepthFigures>;
  close(): Promise<void>;
}

const deviceCount = 40;
const bootId = 'boot-of-the-depths';

interface Deep {
  readonly store: Store;
  readonly deps: Deps;
  readonly submitter: Submitter;
  readonly agentId: string;
  readonly deviceIds: readonly string[];
}

export default async function openDepths(dir: string): Promise<Depths> {
  const stores = new Map<number, Deep>();
  return {
    async fill(rows, seed) {
      const deep = await openDeep(join(dir, String(rows)), seed);
      stores.set(rows, deep);
      await deep.store.sql.read('PRAGMA synchronous = OFF');
      await deep.submitter.submit(rows);
      await deep.store.sql.read('PRAGMA synchronous = FULL');
    },
    async measure(rows, takes) {
      const deep = stores.get(rows);
      if (!deep) throw new Error(`no store of ${rows} rows`);
      const samples = await timeTakes(deep, takes);
      return { p50_ms: percentile(samples, 0.5), p99_ms: percentile(samples, 0.99), takes };
    },
    async close() {
      for (const { store } of stores.values()) await store.close();
    },
  };
}

async function openDeep(dir: string, seed: number): Promise<Deep> {
  mkdirSync(dir);
  const store = await openQueue(join(dir, 'qgjob.db'));
  const deps = makeDeps(store, Date.now);
  const devices = Array.from({ length: deviceCount }, (_, n) => ({ name: `d${n}`, target: depthTarget }));
  const agent = { name: 'rack', boot_id: bootId, version: 'bench', devices };
  const made = await registerAgent(deps, '', agent);
  await writeHistory(deps, seed + 1);
  return {
    store,
    deps,
    submitter: createSubmitter(deps, seed),
    agentId: made.agent_id,
    deviceIds: made.devices.map((device) => device.device_id),
  };
}

/** Between the takes the jobs are finished and as many new ones submitted; this is not timed. */
async function timeTakes(deep: Deep, takes: number): Promise<number[]> {
  const { deps, deviceIds } = deep;
  await renewLeases(deps, everyone, { agentId: deep.agentId, bootId, leaseIds: [] });
  const samples: number[] = [];
  let owed = 0;
  for (let n = 0; samples.length < takes; n += 1) {
    if (n > takes * 2) throw new Error('the devices got no leases although many jobs are queued');
    const input = {
      lease_id: crypto.randomUUID(),
      boot_id: bootId,
      device_id: deviceIds[n % deviceIds.length] ?? '',
      wait_ms: 0,
    };
    const started = performance.now();
    const lease = await takeLease(deps, everyone, input);
    const ms = performance.now() - started;
    if (!lease) continue;
    samples.push(ms);
    await completeLease(deps, lease);
    owed += lease.jobs.length;
    if (owed < 200) continue;
    await deep.submitter.submit(owed);
    owed = 0;
  }
  return samples;
}

async function completeLease(deps: Deps, lease: Lease): Promise<void> {
  if (lease.install) {
    const report = { ok: true, duration_ms: 20_000, installs: 1 };
    await reportInstalled(deps, everyone, lease.lease_id, report);
  }
  await Promise.all(
    lease.jobs.map((job) => {
      const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: job.next_attempt };
      const report = { attempt: job.next_attempt, verdict: 'passed' as const, duration_ms: 5000 };
      return finishAttempt(deps, everyone, ref, report);
    }),
  );
}
