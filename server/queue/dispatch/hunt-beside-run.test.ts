import { expect, test } from 'vitest';
import type { Lease } from '../../../protocol/shapes/agent.ts';
import {
  anyOrg,
  everyone,
  openTestQueue,
  type TestAgent,
  type TestQueue,
} from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { renewLeases } from '../leases/renew-leases.ts';
import { reportInstalled } from '../leases/report-installed.ts';
import { readRun } from '../runs/read-run.ts';

const devices = 4;
const setupMs = 20_000;
const huntedMs = 6000;
const testMs = (path: string) => (path === 'hunted' ? huntedMs : 4000 + 500 * path.length);
const msOf = (lease: Lease) => lease.jobs.reduce((sum, { test_path: path }) => sum + testMs(path), 0);
const pullTests = Array.from({ length: 24 }, (_, n) => 'x'.repeat(1 + (n % 9)) + n);

interface Scene {
  readonly hunts: boolean;
  /** When the pull request comes, ms after the hunt. */
  readonly pullAt: number;
  readonly app: string;
}

/** What the four devices do in virtual time: how long the run of the pull request takes, ms, and how many hunts were seen. */
async function feedbackOf({ hunts, pullAt, app }: Scene): Promise<{ ms: number; observed: number }> {
  const queue = await openTestQueue();
  const agent = await queue.agent(
    'rack',
    Array.from({ length: devices }, () => 'emulator'),
  );
  await learn(queue, agent);
  const began = queue.deps.now();
  const hunted = hunts
    ? await queue.submit({ tests: ['hunted'], app_version_id: 'main', hunt_times: 200 })
    : undefined;
  let pulled: string | undefined;
  const free = new Map<number, { at: number; lease?: Lease }>(
    Array.from({ length: devices }, (_, device) => [device, { at: 0 }]),
  );
  const now = () => queue.deps.now() - began;
  for (;;) {
    const next = Math.min(
      ...[...free.values()].map(({ at }) => at),
      pulled ? Number.POSITIVE_INFINITY : pullAt,
    );
    queue.advance(Math.max(0, next - now()));
    if (!pulled && now() >= pullAt) {
      pulled = (await queue.submit({ tests: pullTests, app_version_id: app })).run.run_id;
      // Idle devices are woken.
      for (const [device, one] of free) if (!one.lease) free.set(device, { at: now() });
    }
    for (const [device, { at, lease }] of free) {
      if (at > now()) continue;
      if (lease) await endLease(queue, lease);
      const got = await ask(queue, agent, device);
      free.set(
        device,
        got ? { at: now() + (got.install ? setupMs : 0) + msOf(got), lease: got } : { at: now() + 5000 },
      );
    }
    const run = pulled && (await readRun(queue.deps, pulled, 0, anyOrg));
    if (!run || run.finished_at === null) continue;
    const seen = hunted && (await readRun(queue.deps, hunted.run.run_id, 0, anyOrg));
    return { ms: now() - pullAt, observed: seen?.hunt?.observed ?? 0 };
  }
}

/** What all know beforehand: how long the tests take, and an install. Ends with another app on all devices. */
async function learn(queue: TestQueue, agent: TestAgent): Promise<void> {
  const tests = [...pullTests, 'hunted'];
  for (const app of ['earlier', 'before']) {
    await queue.submit({ tests, app_version_id: app });
    for (let open = true; open; ) {
      const leases = await Promise.all(
        Array.from({ length: devices }, (_, device) => ask(queue, agent, device)),
      );
      open = leases.some((one) => one !== undefined);
      for (const one of leases) if (one) await endLease(queue, one);
    }
  }
}

async function ask(queue: TestQueue, agent: TestAgent, device: number): Promise<Lease | undefined> {
  const beat = { agentId: agent.agentId, bootId: 'boot-of-rack', leaseIds: [] };
  await renewLeases(queue.deps, everyone, beat);
  const lease = await agent.take(device);
  if (lease?.install)
    await reportInstalled(queue.deps, everyone, lease.lease_id, {
      ok: true,
      duration_ms: setupMs,
      installs: 1,
    });
  return lease;
}

async function endLease({ deps }: TestQueue, lease: Lease): Promise<void> {
  for (const { job_id: jobId, test_path: path } of lease.jobs) {
    const tests = [{ name: 't', status: 'passed' as const, duration_ms: 1 }];
    const report = {
      attempt: 1,
      verdict: 'passed' as const,
      duration_ms: testMs(path),
      tests,
    };
    await finishAttempt(deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 }, report);
  }
}

test.each(['pull-7', 'main'])(
  'a hunt on four devices makes the run of a pull request for the app %s not later than by one test',
  async (app) => {
    // Once its app is installed on all devices.
    for (const pullAt of [26_000, 27_000, 28_500, 30_000, 31_900, 45_000, 90_000]) {
      const alone = await feedbackOf({ hunts: false, pullAt, app });
      const beside = await feedbackOf({ hunts: true, pullAt, app });
      expect(beside.observed).toBeGreaterThanOrEqual(devices);
      expect(beside.ms - alone.ms).toBeLessThanOrEqual(huntedMs);
    }
  },
);

test('one that comes while the hunt installs its app waits for that install and one test at most', async () => {
  const scene = { pullAt: 1000, app: 'pull-7' };
  const alone = await feedbackOf({ ...scene, hunts: false });
  const beside = await feedbackOf({ ...scene, hunts: true });
  expect(beside.ms - alone.ms).toBeLessThanOrEqual(setupMs + huntedMs);
});
