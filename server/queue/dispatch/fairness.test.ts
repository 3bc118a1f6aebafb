import { expect, test } from 'vitest';
import type { Lease } from '../../../protocol/shapes/agent.ts';
import { settle, waiting } from '../../../test/support/lease-dispatcher.ts';
import {
  anyOrg,
  everyone,
  openTestQueue,
  type TestAgent,
  type TestQueue,
} from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { listGroups } from '../fleet/list-fleet.ts';
import { reportInstalled } from '../leases/report-installed.ts';
import { createOrg } from '../orgs/orgs.ts';
import { readJob } from '../store/read-job.ts';

const testMs = 20_000;
const setupMs = 30_000;

/** A farm in virtual time: devices install, run each test for 20 s, and request again. */
interface Farm {
  readonly agent: TestAgent;
  /** The lease of each device, and when it ends. */
  readonly busy: Map<number, { readonly lease: Lease; readonly until: number }>;
  now: number;
  leases: number;
  submitted: number;
}

async function openFarm(queue: TestQueue, devices: number): Promise<Farm> {
  const agent = await queue.agent(
    'farm',
    Array.from({ length: devices }, () => 'emulator'),
  );
  return { agent, busy: new Map(), now: 0, leases: 0, submitted: 0 };
}

/** Every idle device requests once. */
async function askAll(farm: Farm): Promise<void> {
  for (const device of farm.agent.deviceIds.keys()) {
    if (farm.busy.has(device)) continue;
    const lease = await farm.agent.take(device);
    if (!lease) continue;
    farm.leases += 1;
    const ms = (lease.install ? setupMs : 0) + lease.jobs.length * testMs;
    farm.busy.set(device, { lease, until: farm.now + ms });
  }
}

/** Moves the clock to the next end of a lease, reports that, and lets the devices request. */
async function step(queue: TestQueue, farm: Farm): Promise<void> {
  const [device, { lease, until }] = [...farm.busy].sort(([, a], [, b]) => a.until - b.until)[0] ?? never();
  queue.advance(until - farm.now);
  farm.now = until;
  farm.busy.delete(device);
  if (lease.install) {
    await reportInstalled(queue.deps, everyone, lease.lease_id, {
      ok: true,
      duration_ms: setupMs,
      installs: 1,
    });
  }
  await Promise.all(lease.jobs.map((job) => pass(queue, lease.lease_id, job.job_id)));
  await askAll(farm);
}

const never = (): never => {
  throw new Error('every device is idle');
};

const pass = (queue: TestQueue, leaseId: string, jobId: string) =>
  finishAttempt(
    queue.deps,
    everyone,
    { leaseId, jobId, attempt: 1 },
    {
      attempt: 1,
      verdict: 'passed',
      duration_ms: testMs,
      tests: [{ name: 't', status: 'passed', duration_ms: testMs }],
    },
  );

// In virtual time there are no heartbeats.
const patient = { leaseTtlMs: 1e12 };
const names = (n: number) => Array.from({ length: n }, (_, index) => `t${index}.spec.js`);

test("behind an org with 50 000 queued jobs, another org's single job starts within two leases of its pool", async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 4);
  for (let n = 0; n < 5; n += 1) {
    await queue.submit({ org_id: 'flood', app_version_id: `v${n}`, tests: names(10_000) });
  }
  await askAll(farm);
  const { jobs } = await queue.submit({ org_id: 'quiet', app_version_id: 'v1', tests: ['one.spec.js'] });
  const before = farm.leases;
  const started = async () => (await readJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg)).status !== 'queued';
  while (!(await started()) && farm.leases < before + 100) await step(queue, farm);
  // Each of the four devices ends its lease and takes at most one more.
  expect(farm.leases - before).toBeLessThanOrEqual(2 * 4);
});

test('a priority-1 job starts within its bound under a constant stream of priority 10', async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 4);
  const stream = (n: number) =>
    queue.submit({ org_id: `org${n % 3}`, app_version_id: `hot${n}`, priority: 10, tests: names(8) });
  for (let n = 0; n < 6; n += 1) await stream(n);
  const { jobs } = await queue.submit({
    org_id: 'poor',
    app_version_id: 'old',
    priority: 1,
    tests: ['one.spec.js'],
  });
  await askAll(farm);
  let arrived = 6;
  const started = async () => (await readJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg)).status !== 'queued';
  while (!(await started()) && farm.now < 2 * 3_600_000) {
    // A little more than four devices can run.
    for (; arrived * 40_000 < farm.now + 240_000; arrived += 1) await stream(arrived);
    await step(queue, farm);
  }
  expect(await started()).toBe(true);
  // It is due an hour after it came. Then it is among the earliest due that no device holds, and waits for one lease
  // at most.
  expect(farm.now).toBeLessThanOrEqual(3_600_000 + 10 * (setupMs + 2 * testMs));
});

test('a hot app version with 500 tests spreads over 20 idle devices, visibly', async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 20);
  await queue.submit({ app_version_id: 'hot', tests: names(500) });
  await askAll(farm);
  const { rows } = await listGroups(queue.deps, {}, anyOrg);
  expect(rows.map((group) => group.devices.length)).toEqual([20]);
});

test('as 500 runs of one test it spreads just so', { timeout: 120_000 }, async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 20);
  await Promise.all(names(500).map((name) => queue.submit({ app_version_id: 'hot', tests: [name] })));
  await askAll(farm);
  const { rows } = await listGroups(queue.deps, {}, anyOrg);
  expect(rows.map((group) => group.devices.length)).toEqual([20]);
});

test.each([
  [500, 20],
  [6, 1],
])('of %d tests and 20 devices that wait, %d are given work by one wake-up', async (tests, devices) => {
  const { queue, requests, dispatcher, wake } = await waiting(20);
  await queue.submit({ app_version_id: 'hot', tests: names(tests) });
  wake();
  await settle();
  const { rows } = await listGroups(queue.deps, {}, anyOrg);
  expect(rows.map((group) => group.devices.length)).toEqual([devices]);
  dispatcher.wakeUps.stop();
  const leases = await Promise.all(requests.map((ask) => ask.answer));
  expect(leases.filter((lease) => lease !== undefined)).toHaveLength(devices);
});

test('a small one stays on few devices when an install costs more than it gains', async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 20);
  await queue.submit({ app_version_id: 'small', tests: names(6) });
  await askAll(farm);
  const { rows } = await listGroups(queue.deps, {}, anyOrg);
  expect(rows.map((group) => group.devices.length)).toEqual([1]);
});

test('of two orgs that each submit all that the pool can do, one of weight 3 gets about three times the other', async () => {
  const queue = await openTestQueue(patient);
  const farm = await openFarm(queue, 4);
  for (const [id, weight] of Object.entries({ heavy: 3, light: 1 })) {
    await createOrg(queue.deps, { org_id: id, weight });
  }
  // Six tests and an install take a device 150 s, and there are four devices.
  const submitUntil = async (ms: number) => {
    for (; farm.submitted * 37_500 < ms; farm.submitted += 1) {
      const run = { app_version_id: `v${farm.submitted}`, tests: names(6) };
      await queue.submit({ org_id: 'heavy', ...run });
      await queue.submit({ org_id: 'light', ...run });
    }
  };
  while (farm.now < 5_000_000) {
    await submitUntil(farm.now + 1);
    if (farm.busy.size === 0) await askAll(farm);
    await step(queue, farm);
  }
  const rows = await queue.deps.sql.read('SELECT org_id, sum(passed) AS n FROM runs GROUP BY org_id');
  const done = Object.fromEntries(rows.map((row) => [row.org_id, Number(row.n)]));
  const ratio = Number(done.heavy) / Number(done.light);
  expect(ratio).toBeGreaterThan(2);
  expect(ratio).toBeLessThan(4);
});
