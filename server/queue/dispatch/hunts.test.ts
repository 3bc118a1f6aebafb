import { expect, test } from 'vitest';
import { borrowing, borrowsOf } from '../../../test/support/borrowing.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { registerAgent } from '../fleet/register-agent.ts';
import { listDeadLetters } from '../runs/dead-letters.ts';
import { explainJob } from '../runs/explain-job.ts';
import { readRun } from '../runs/read-run.ts';
import { placeHunts } from './plan-hunts.ts';
import { poolsWithWork, queueDue } from './tick.ts';

const hunt = (queue: TestQueue, times: number, body: Parameters<TestQueue['submit']>[0] = {}) =>
  queue.submit({ tests: ['h.spec.ts'], app_version_id: 'h', hunt_times: times, ...body });
const huntOf = async (queue: TestQueue, id: string) => (await readRun(queue.deps, id, 0, anyOrg)).hunt;

test('a hunt gets devices that have nothing else to do, a test at a time, and gives way at the next test', async () => {
  const { queue, agent, finish } = await borrowing(2);
  const { jobs } = await hunt(queue, 50);
  expect(jobs).toHaveLength(50);
  const first = await agent.mustTake(0);
  const second = await agent.mustTake(1);
  expect([first.jobs.length, second.jobs.length]).toEqual([1, 1]);
  await queue.submit({ tests: ['pull'] });
  await finish(first);
  expect(await agent.take(0)).toMatchObject({ jobs: [{ test_path: 'pull' }] });
  await finish(second);
  expect(await agent.take(1)).toMatchObject({ app_version_id: 'h', install: false });
});

test('jobs go before it however low and late they are, and it never becomes due', async () => {
  const { queue, agent, finish } = await borrowing(1);
  await hunt(queue, 5);
  for (let n = 0; n < 4; n += 1) {
    queue.advance(3_600_000);
    await registerAgent(queue.deps, '', {
      ...{ name: 'rack', boot_id: 'boot-of-rack', version: '1' },
      devices: [{ name: 'd0', target: 'emulator' }],
    });
    await queue.submit({ tests: [`low ${n}`], priority: 1 });
    const lease = await agent.mustTake();
    expect(lease.jobs).toMatchObject([{ test_path: `low ${n}` }]);
    await finish(lease);
  }
  expect(await agent.take()).toMatchObject({ app_version_id: 'h' });
});

test('it weighs nothing: neither in its org, nor in the pool, nor for its clock, nor among the groups', async () => {
  const { queue } = await borrowing(1);
  await hunt(queue, 5);
  const { deps } = queue;
  expect(await deps.sql.read('SELECT active_runs FROM orgs')).toEqual(
    expect.arrayContaining([expect.objectContaining({ active_runs: 0 })]),
  );
  expect(await deps.sql.read('SELECT queued_weight, virtual_weight FROM pools')).toMatchObject([
    { queued_weight: 0, virtual_weight: 0 },
  ]);
  expect(await deps.sql.read('SELECT queued, queued_weight FROM groups')).toMatchObject([
    { queued: 0, queued_weight: 0 },
  ]);
  expect(await poolsWithWork(deps)).toEqual([1]);
});

test('a failure is one observation and no retry; an error of the device is none, and is run again', async () => {
  const { queue, agent, finish } = await borrowing(1);
  const { run } = await hunt(queue, 3);
  await finish(await agent.mustTake(), 'failed');
  await finish(await agent.mustTake());
  const broken = await agent.mustTake();
  const ref = { leaseId: broken.lease_id, jobId: broken.jobs[0]?.job_id ?? '', attempt: 1 };
  const error = { attempt: 1, verdict: 'error', error_class: 'infra_error', duration_ms: 1 } as const;
  await finishAttempt(queue.deps, everyone, ref, error);
  expect(await huntOf(queue, run.run_id)).toMatchObject({ times: 3, observed: 2, failed: 1 });
  // It avoids the device for a minute.
  queue.advance(61_000);
  await queueDue(queue.deps);
  await finish(await agent.mustTake());
  const ended = await readRun(queue.deps, run.run_id, 0, anyOrg);
  expect(ended).toMatchObject({ status: 'failed', counts: { passed: 2, failed: 1 } });
  expect(ended.hunt).toMatchObject({ times: 3, observed: 3, failed: 1 });
  expect(ended.hunt?.low).toBeCloseTo(0.0084, 4);
  expect(ended.hunt?.high).toBeCloseTo(0.9057, 4);
  expect((await listDeadLetters(queue.deps, {}, anyOrg)).jobs).toEqual([]);
});

test('with max_failures 1 it starts nothing more once it has failed', async () => {
  const { queue, agent, finish } = await borrowing(2);
  const { run } = await hunt(queue, 20, { max_failures: 1 });
  const [first, second] = [await agent.mustTake(0), await agent.mustTake(1)];
  const ref = { leaseId: second.lease_id, jobId: second.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(queue.deps, everyone, ref);
  await finish(first, 'failed');
  expect(await agent.take(0)).toBeUndefined();
  await finish(second);
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({
    status: 'failed',
    counts: { failed: 1, passed: 1, cancelled: 18 },
  });
});

test('it prefers devices that have its app, and hunts that share a pool take turns', async () => {
  const { queue, agent, finish } = await borrowing(2);
  await hunt(queue, 9, { app_version_id: 'one' });
  queue.advance(1);
  await hunt(queue, 9, { app_version_id: 'two' });
  const apps = async (device: number) => {
    const lease = await agent.mustTake(device);
    await finish(lease);
    return lease.app_version_id;
  };
  expect([await apps(0), await apps(0), await apps(1)]).toEqual(['one', 'one', 'one']);
  // Both ask at once.
  const both = await Promise.all([agent.mustTake(0), agent.mustTake(1)]);
  expect(both.map(({ app_version_id }) => app_version_id).sort()).toEqual(['one', 'one']);
  expect(both.every(({ install }) => !install)).toBe(true);
});

test('a person who borrows goes before it, and a busy or capped org hunts nothing more', async () => {
  const { queue, agent, borrow, finish, settle } = await borrowing(1);
  await hunt(queue, 9);
  const lease = await agent.mustTake();
  const { borrow_id: id } = await borrow({ target: 'emulator', minutes: 5 });
  await finish(lease);
  await settle();
  expect(await borrow.read(id)).toMatchObject({ status: 'active' });
  expect(await agent.take()).toBeUndefined();
  await borrow.end(id);
  await queue.deps.sql.write([{ sql: `UPDATE orgs SET max_leases = 0 WHERE id = 'acme'` }]);
  expect(await agent.take()).toBeUndefined();
  expect(borrowsOf(queue)).toBeDefined();
});

test('it says why it waits, and moves to the own pool of its org when that is there', async () => {
  const queue = await openTestQueue();
  const shared = await queue.agent('shared', ['emulator']);
  const { jobs } = await hunt(queue, 3);
  expect(await explainJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg)).toMatchObject({
    status: 'queued',
    position: null,
    starts_in_ms: null,
    notes: ['it is hunted: it runs where a device has nothing else to do'],
  });
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  await placeHunts(queue.deps);
  expect(await shared.take()).toBeUndefined();
  expect(await own.take()).toMatchObject({ app_version_id: 'h' });
});

test('a hunt has one test, and no pull request or branch', async () => {
  const queue = await openTestQueue();
  await expect(async () => hunt(queue, 3, { tests: ['a', 'b'] })).rejects.toThrow('a hunt has one test');
  await expect(async () => hunt(queue, 3, { branch: { repository_id: '', ref: 'main' } })).rejects.toThrow(
    'a hunt has no github, branch',
  );
});
