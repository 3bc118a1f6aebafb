import { expect, test } from 'vitest';
import { running } from '../../../test/support/lifecycle/job-setups.ts';
import { everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { patchAgent } from '../fleet/patch-fleet.ts';
import { cancelJob } from '../runs/cancel-runs.ts';
import { readHeartbeat, renewLeases } from './renew-leases.ts';

const minute = 60_000;
const beatOf = (agentId: string, ...leaseIds: string[]) => ({ agentId, bootId: 'boot-of-rack', leaseIds });

const expiryOf = async ({ deps }: TestQueue) =>
  (await deps.sql.read('SELECT expires_at FROM leases'))[0]?.expires_at;
const heardAt = async ({ deps }: TestQueue) =>
  (await deps.sql.read('SELECT last_seen_at FROM agents'))[0]?.last_seen_at;

test('a heartbeat renews the leases that it names for one TTL, and says that the agent was heard', async () => {
  const queue = await openTestQueue();
  const { agent, ref } = await running(queue);
  queue.advance(5000);
  await renewLeases(queue.deps, everyone, beatOf(agent.agentId, ref.leaseId));
  expect([await expiryOf(queue), await heardAt(queue)]).toEqual([
    queue.deps.now() + minute,
    queue.deps.now(),
  ]);
});

test('one without leases says that the agent was heard, and renews none', async () => {
  const queue = await openTestQueue();
  const { agent } = await running(queue);
  const before = await expiryOf(queue);
  queue.advance(5000);
  await renewLeases(queue.deps, everyone, beatOf(agent.agentId));
  expect([await expiryOf(queue), await heardAt(queue)]).toEqual([before, queue.deps.now()]);
});

test('a late write of an earlier heartbeat takes nothing back', async () => {
  const queue = await openTestQueue();
  const { agent, ref } = await running(queue);
  const before = [await expiryOf(queue), await heardAt(queue)];
  queue.advance(-5000);
  await renewLeases(queue.deps, everyone, beatOf(agent.agentId, ref.leaseId));
  expect([await expiryOf(queue), await heardAt(queue)]).toEqual(before);
});

test('of the heartbeats of one turn each has its own answer, and those that are good count', async () => {
  const queue = await openTestQueue();
  const { agent, ref } = await running(queue);
  queue.advance(5000);
  const good = beatOf(agent.agentId, ref.leaseId);
  const results = await Promise.allSettled([
    renewLeases(queue.deps, everyone, { ...good, bootId: 'older-boot' }),
    renewLeases(queue.deps, everyone, good),
    renewLeases(queue.deps, everyone, { ...good, agentId: 'agent-of-nobody' }),
  ]);
  expect(results).toMatchObject([
    { status: 'rejected', reason: { code: 'replaced' } },
    { status: 'fulfilled', value: undefined },
    { status: 'rejected', reason: { code: 'not_found' } },
  ]);
  expect(await expiryOf(queue)).toBe(queue.deps.now() + minute);
});

test('one of an older process renews nothing', async () => {
  const queue = await openTestQueue();
  const { agent, ref } = await running(queue);
  const before = await expiryOf(queue);
  queue.advance(5000);
  const beat = { ...beatOf(agent.agentId, ref.leaseId), bootId: 'older-boot' };
  await expect(renewLeases(queue.deps, everyone, beat)).rejects.toMatchObject({ code: 'replaced' });
  await expect(readHeartbeat(queue.deps, everyone, beat)).rejects.toMatchObject({ code: 'replaced' });
  expect(await expiryOf(queue)).toBe(before);
});

test('a database that fails is no answer about the agent', async () => {
  const queue = await openTestQueue();
  const { agent } = await running(queue);
  const db = new Proxy(queue.deps.db, {
    get: () => () => {
      throw new Error('the disk is full');
    },
  });
  await expect(renewLeases({ ...queue.deps, db }, everyone, beatOf(agent.agentId))).rejects.toThrow(
    'the disk is full',
  );
});

test('a heartbeat tells of each lease when it ends and what of it was cancelled, and whether the agent drains', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  await queue.submit({ tests: Array.from({ length: 12 }, (_, n) => `t${n}`) });
  const [one, other] = [await agent.mustTake(0), await agent.mustTake(1)];
  const jobOf = (lease: typeof one) => lease.jobs[0]?.job_id ?? '';
  for (const lease of [one, other])
    await startAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId: jobOf(lease), attempt: 1 });
  await cancelJob(queue.deps, jobOf(one), { orgId: undefined });
  const beat = beatOf(agent.agentId, one.lease_id, other.lease_id, 'lease-of-nobody');
  const ends = { status: 'active', expires_at: '2026-01-01T00:01:00.000Z' };
  expect(await readHeartbeat(queue.deps, everyone, beat)).toEqual({
    leases: [
      { lease_id: one.lease_id, ...ends, cancel: [jobOf(one)] },
      { lease_id: other.lease_id, ...ends, cancel: [] },
      { lease_id: 'lease-of-nobody', status: 'lost', expires_at: null, cancel: [] },
    ],
    drain: false,
  });
  await patchAgent(queue.deps, agent.agentId, { drain: true }, { orgId: undefined });
  expect((await readHeartbeat(queue.deps, everyone, beat)).drain).toBe(true);
});
