import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { replaceBatches } from '../fleet/place-batches.ts';
import { releaseLease } from '../leases/release-lease.ts';
import { renewLeases } from '../leases/renew-leases.ts';
import { reportInstalled } from '../leases/report-installed.ts';
import { rescueExpired } from '../leases/rescue-leases.ts';
import { cancelJob, cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { readAttempts, readJob } from '../store/read-job.ts';
import { queueDue } from './tick.ts';

const passed: Omit<FinishJob, 'attempt'> = {
  verdict: 'passed',
  duration_ms: 10,
  tests: [{ name: 't', status: 'passed', duration_ms: 1 }],
};
const failed: Omit<FinishJob, 'attempt'> = {
  verdict: 'failed',
  duration_ms: 10,
  tests: [{ name: 't', status: 'failed', duration_ms: 1, message: 'expected 1' }],
};

const start = (queue: TestQueue, leaseId: string, jobId: string, attempt = 1) =>
  startAttempt(queue.deps, everyone, { leaseId, jobId, attempt });
const finish = (queue: TestQueue, leaseId: string, jobId: string, report: object = passed, attempt = 1) =>
  finishAttempt(queue.deps, everyone, { leaseId, jobId, attempt }, { attempt, ...passed, ...report });
const run = (queue: TestQueue, id: string) => readRun(queue.deps, id, 0, anyOrg);

/** A run of these tests, and a lease of it on one device. */
async function leased(tests: string[], body: object = {}) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  const submitted = await queue.submit({ tests, ...body });
  const lease = await agent.take();
  if (!lease) throw new Error('nothing was leased');
  return {
    queue,
    agent,
    lease,
    run: submitted.run,
    jobIds: lease.jobs.map((job) => job.job_id) as [string, string],
  };
}

test('a device takes queued jobs of one group; it installs once, and that is counted', async () => {
  const { queue, agent, lease, run: submitted } = await leased(['a', 'b', 'c', 'd']);
  expect(lease).toMatchObject({ install: true, app_version_id: 'v1', target: 'emulator' });
  await reportInstalled(queue.deps, everyone, lease.lease_id, { ok: true, duration_ms: 900, installs: 1 });
  for (const job of lease.jobs) await finish(queue, lease.lease_id, job.job_id);
  const next = await agent.take();
  expect(next?.install).toBe(false);
  for (const job of next?.jobs ?? []) await finish(queue, next?.lease_id ?? '', job.job_id);
  expect(await run(queue, submitted.run_id)).toMatchObject({
    status: 'passed',
    conclusion: 'success',
    installs: 1,
    installs_saved: 3,
    counts: { passed: 4, queued: 0, scheduled: 0, running: 0 },
  });
});

test('two devices of one group may take differently long to install, whatever the mean comes to', async () => {
  const { queue, agent, lease } = await leased(Array.from({ length: 30 }, (_, n) => `t${n}`));
  await reportInstalled(queue.deps, everyone, lease.lease_id, { ok: true, duration_ms: 900, installs: 1 });
  const other = await agent.take(1);
  expect(other?.install).toBe(true);
  const report = { ok: true, duration_ms: 901, installs: 1 } as const;
  await reportInstalled(queue.deps, everyone, other?.lease_id ?? '', report);
  const [group] = await queue.deps.sql.read('SELECT setup_ms FROM groups');
  expect(group?.setup_ms).toBe(900);
});

test('several devices work on one group when another install pays, and on none that is nearly done', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator', 'emulator']);
  await queue.submit({ tests: Array.from({ length: 12 }, (_, n) => `t${n}`) });
  const [first, second] = [await agent.take(0), await agent.take(1)];
  expect([first?.jobs.length, second?.jobs.length]).toEqual([3, 3]);
  await queue.submit({ app_version_id: 'v2', tests: ['x', 'y'] });
  expect((await agent.take(2))?.app_version_id).toBe('v2');
});

test('a group that no device holds goes before a share of one that is served', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  await queue.submit({ tests: ['a', 'b', 'c', 'd', 'e', 'f'] });
  await queue.submit({ app_version_id: 'v2', tests: ['a', 'b', 'c', 'd', 'e', 'f'] });
  expect((await agent.take(0))?.app_version_id).toBe('v1');
  expect((await agent.take(1))?.app_version_id).toBe('v2');
});

test('the more urgent run is served first', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ app_version_id: 'calm', priority: 2 });
  await queue.submit({ app_version_id: 'urgent', priority: 9 });
  expect((await agent.take())?.app_version_id).toBe('urgent');
});

test('single submits of one app version ride in one lease', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['a'] });
  await queue.submit({ tests: ['b'] });
  expect((await agent.take())?.jobs.map((job) => job.test_path)).toEqual(['a', 'b']);
});

test('the same lease id answers the same lease while it lives and lease_lost afterwards', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a']);
  expect(await agent.take(0, lease.lease_id)).toEqual(lease);
  await finish(queue, lease.lease_id, jobIds[0]);
  await expect(agent.take(0, lease.lease_id)).rejects.toMatchObject({ code: 'lease_lost' });
});

test('another lease id for a device with a live lease is a conflict that names it', async () => {
  const { agent, lease } = await leased(['a']);
  await expect(agent.take(0, 'another-lease')).rejects.toMatchObject({
    code: 'conflict',
    details: { lease_id: lease.lease_id },
  });
});

test('twenty devices that request at once lease each job exactly once', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent(
    'farm',
    Array.from({ length: 20 }, () => 'emulator'),
  );
  await queue.submit({ tests: Array.from({ length: 60 }, (_, n) => `t${n}`) });
  const leases = await Promise.all(agent.deviceIds.map((_, n) => agent.take(n)));
  const ids = leases.flatMap((lease) => lease?.jobs.map((job) => job.job_id) ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(20);
});

test('an org at its cap of live leases gets no other', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  await queue.submit({ tests: Array.from({ length: 12 }, (_, n) => `t${n}`) });
  await queue.deps.sql.write([{ sql: 'UPDATE orgs SET max_leases = 1' }]);
  expect(await agent.take(0)).toBeDefined();
  expect(await agent.take(1)).toBeUndefined();
});

test('start and finish are the same twice, another verdict is a conflict', async () => {
  const { queue, lease, jobIds } = await leased(['a']);
  const [id] = jobIds;
  const started = await start(queue, lease.lease_id, id);
  expect(await start(queue, lease.lease_id, id)).toEqual(started);
  const done = await finish(queue, lease.lease_id, id);
  expect(done).toMatchObject({ status: 'passed', attempt: 1, lease_id: null });
  expect(await finish(queue, lease.lease_id, id)).toEqual(done);
  await expect(finish(queue, lease.lease_id, id, failed)).rejects.toMatchObject({ code: 'conflict' });
  expect(await readAttempts(queue.deps, id, anyOrg)).toHaveLength(1);
});

test('a verdict whose start was lost makes the attempt too', async () => {
  const { queue, lease, jobIds } = await leased(['a']);
  await finish(queue, lease.lease_id, jobIds[0]);
  expect(await readAttempts(queue.deps, jobIds[0], anyOrg)).toMatchObject([
    { attempt: 1, verdict: 'passed' },
  ]);
});

test('a pass without an executed test is a report_error, a pass with a failed one is a failure', async () => {
  const { queue, lease, jobIds } = await leased(['a', 'b'], { retry_failed_tests: 0 });
  const [first, second] = jobIds;
  const empty = await finish(queue, lease.lease_id, first, { tests: [] });
  expect(empty).toMatchObject({ status: 'queued', failures: 1, error: 'no test ran' });
  const red = await finish(queue, lease.lease_id, second, { tests: failed.tests });
  expect(red).toMatchObject({ status: 'failed', error: 'expected 1' });
});

test('a failed test is tried again, on another device first, and a later pass is flaky', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a']);
  expect(await finish(queue, lease.lease_id, jobIds[0], failed)).toMatchObject({
    status: 'queued',
    test_failures: 1,
  });
  expect(await agent.take(0)).toBeUndefined();
  const second = await agent.take(1);
  const done = await finish(queue, second?.lease_id ?? '', jobIds[0], passed, 2);
  expect(done).toMatchObject({ status: 'passed', outcome: 'flaky', attempt: 2 });
  expect(await run(queue, done.run_id)).toMatchObject({ status: 'passed', counts: { passed: 1, flaky: 1 } });
});

test('the wish for another device ends after a minute', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a']);
  await finish(queue, lease.lease_id, jobIds[0], failed);
  expect(await agent.take(0)).toBeUndefined();
  queue.advance(60_000);
  expect(await agent.take(0)).toBeDefined();
});

test('infrastructure backs off, then the ticker queues it again', async () => {
  const { queue, lease, jobIds } = await leased(['a']);
  const broken = { verdict: 'error', error_class: 'infra_error', error: 'device offline', tests: undefined };
  const waiting = await finish(queue, lease.lease_id, jobIds[0], broken);
  expect(waiting).toMatchObject({ status: 'waiting', wait_reason: 'backoff', failures: 1 });
  expect(await queueDue(queue.deps)).toBe(0);
  queue.advance(10_000);
  expect(await queueDue(queue.deps)).toBe(1);
  expect(await readJob(queue.deps, jobIds[0], anyOrg)).toMatchObject({ status: 'queued', wait_reason: null });
});

test('cancel ends what has not started and flags what runs, which its agent then ends', async () => {
  const { queue, lease, run: submitted, jobIds } = await leased(['a', 'b', 'c']);
  const [running, scheduled] = jobIds;
  await start(queue, lease.lease_id, running);
  const cancelled = await cancelRun(queue.deps, submitted.run_id, anyOrg);
  expect(cancelled).toMatchObject({ status: 'running', counts: { cancelled: 2, running: 1 } });
  await expect(start(queue, lease.lease_id, scheduled)).rejects.toMatchObject({ code: 'job_cancelled' });
  const end = await finish(queue, lease.lease_id, running, { verdict: 'cancelled', tests: undefined });
  expect(end).toMatchObject({ status: 'cancelled' });
  expect(await run(queue, submitted.run_id)).toMatchObject({ status: 'cancelled', conclusion: 'cancelled' });
  expect(await cancelJob(queue.deps, running, anyOrg)).toEqual(end);
});

test('release gives back what has not started, without a penalty, and the lease ends with its last job', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a', 'b']);
  await start(queue, lease.lease_id, jobIds[0]);
  await releaseLease(queue.deps, everyone, lease.lease_id);
  const back = await readJob(queue.deps, jobIds[1], anyOrg);
  expect(back).toMatchObject({ status: 'queued', attempt: 0, failures: 0, releases: 0, lease_id: null });
  await finish(queue, lease.lease_id, jobIds[0]);
  expect((await agent.take())?.jobs.map((job) => job.job_id)).toEqual([jobIds[1]]);
});

test('an expired lease gives its jobs back, and its late verdict is refused', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a', 'b']);
  await start(queue, lease.lease_id, jobIds[0]);
  queue.advance(60_000);
  expect(await rescueExpired(queue.deps)).toBe(0);
  queue.advance(1);
  expect(await rescueExpired(queue.deps)).toBe(1);
  expect(await readJob(queue.deps, jobIds[0], anyOrg)).toMatchObject({
    status: 'waiting',
    crashes: 1,
    failures: 0,
  });
  expect(await readJob(queue.deps, jobIds[1], anyOrg)).toMatchObject({ status: 'queued', attempt: 0 });
  await expect(finish(queue, lease.lease_id, jobIds[0])).rejects.toMatchObject({ code: 'lease_lost' });
  await queue.agent('rack', ['emulator', 'emulator']);
  expect((await agent.take(1))?.install).toBe(true);
});

test('an agent that starts anew loses its old leases at once, and the old process is replaced', async () => {
  const { queue, agent, lease, jobIds } = await leased(['a']);
  await start(queue, lease.lease_id, jobIds[0]);
  await queue.agent('rack', ['emulator', 'emulator'], { boot: 'boot-after-a-crash' });
  expect(await readJob(queue.deps, jobIds[0], anyOrg)).toMatchObject({ status: 'waiting', crashes: 1 });
  await expect(agent.take(1)).rejects.toMatchObject({ code: 'replaced' });
});

test('an install that fails on two devices ends the group as install_failed', async () => {
  const { queue, agent, lease, run: submitted } = await leased(['a', 'b']);
  const broken = {
    ok: false,
    duration_ms: 5,
    installs: 0,
    error_class: 'install_failed',
    error: 'no space',
  } as const;
  await reportInstalled(queue.deps, everyone, lease.lease_id, broken);
  expect((await run(queue, submitted.run_id)).counts).toMatchObject({ waiting: 2 });
  queue.advance(30_000);
  await queueDue(queue.deps);
  const second = await agent.take(1);
  await reportInstalled(queue.deps, everyone, second?.lease_id ?? '', broken);
  expect(await run(queue, submitted.run_id)).toMatchObject({
    status: 'errored',
    conclusion: 'failure',
    reason: 'app',
    counts: { errored: 2 },
  });
});

test('a broken build ends every job of its group, and no other', async () => {
  const { queue, lease, run: submitted } = await leased(['a', 'b', 'c', 'd']);
  const other = await queue.submit({ app_version_id: 'v2' });
  const broken = {
    ok: false,
    duration_ms: 5,
    installs: 0,
    error_class: 'build_error',
    error: 'not an app',
  } as const;
  await reportInstalled(queue.deps, everyone, lease.lease_id, broken);
  expect(await run(queue, submitted.run_id)).toMatchObject({ status: 'errored', counts: { errored: 4 } });
  expect((await run(queue, other.run.run_id)).counts).toMatchObject({ queued: 1 });
});

test("an org's batches go to its own devices when it has some online, else to the shared ones", async () => {
  const queue = await openTestQueue();
  const shared = await queue.agent('shared', ['emulator']);
  await queue.submit({ org_id: 'acme', tests: ['a'] });
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  expect(await shared.take()).toBeUndefined();
  expect((await own.take())?.org_id).toBe('acme');
  await queue.submit({ org_id: 'other', tests: ['b'] });
  expect((await shared.take())?.org_id).toBe('other');
});

test('a batch does not wait for a device of another pool that holds its app', async () => {
  const queue = await openTestQueue();
  const shared = await queue.agent('shared', ['emulator']);
  await queue.submit({ tests: ['a'] });
  const lease = await shared.mustTake();
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  await queue.submit({ tests: ['b'] });
  expect((await own.mustTake()).jobs.map((job) => job.test_path)).toEqual(['b']);
  await releaseLease(queue.deps, everyone, lease.lease_id);
  expect((await shared.mustTake()).jobs.map((job) => job.test_path)).toEqual(['a']);
});

test("an org's device that was away for a while gets the work that came meanwhile", async () => {
  const queue = await openTestQueue();
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  queue.advance(61_000);
  await queue.submit({ tests: ['a'] });
  const beat = { agentId: own.agentId, bootId: 'boot-of-own', leaseIds: [] };
  await renewLeases(queue.deps, everyone, beat);
  expect(await own.take()).toBeUndefined();
  await replaceBatches(queue.deps);
  expect((await own.mustTake()).jobs.map((job) => job.test_path)).toEqual(['a']);
});

test("what waited in the shared pool and is queued again goes to the org's own device", async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a'], delay_ms: 1000 });
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  queue.advance(1000);
  await queueDue(queue.deps);
  await replaceBatches(queue.deps);
  expect((await own.mustTake()).jobs.map((job) => job.test_path)).toEqual(['a']);
});

test("the work of an org whose own devices are gone goes to shared ones, and nobody else's moves", async () => {
  const queue = await openTestQueue();
  await queue.agent('own', ['emulator'], { owner: 'acme' });
  await queue.submit({ tests: ['a'] });
  queue.advance(61_000);
  const shared = await queue.agent('shared', ['emulator']);
  expect(await shared.take()).toBeUndefined();
  await replaceBatches(queue.deps);
  expect((await shared.mustTake()).org_id).toBe('acme');
});

test('three infrastructure errors in a row rest a device for ten minutes, and a verdict in between clears them', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: Array.from({ length: 12 }, (_, n) => `t${n}`), max_retries: 0 });
  const broken = { verdict: 'error', error_class: 'infra_error', tests: undefined };
  const rounds = [broken, broken, {}, broken, broken, broken];
  let lease = await agent.mustTake();
  let jobs = [...lease.jobs];
  for (const report of rounds) {
    if (jobs.length === 0) {
      lease = await agent.mustTake();
      jobs = [...lease.jobs];
    }
    await finish(queue, lease.lease_id, jobs.shift()?.job_id ?? '', report);
  }
  await releaseLease(queue.deps, everyone, lease.lease_id);
  expect(await agent.take()).toBeUndefined();
  queue.advance(600_001);
  expect(await agent.take()).toBeDefined();
});

test('a process that was replaced cannot take its name back', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['emulator'], { boot: 'the-older-boot' });
  await queue.agent('rack', ['emulator'], { boot: 'the-newer-boot' });
  const back = queue.agent('rack', ['emulator'], { boot: 'the-older-boot' });
  await expect(back).rejects.toMatchObject({ code: 'replaced' });
});
