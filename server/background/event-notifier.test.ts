import { expect, test } from 'vitest';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../test/support/queue.ts';
import { startAttempt } from '../queue/attempts/start-attempt.ts';
import { patchAgent, patchDevice } from '../queue/fleet/patch-fleet.ts';
import { patchOrg } from '../queue/orgs/orgs.ts';
import { cancelJob } from '../queue/runs/cancel-runs.ts';
import { EventFeed } from '../queue/store/event-feed.ts';
import { type WakeUpKey, WakeUps } from '../queue/store/wake-ups.ts';
import { createEventNotifier } from './event-notifier.ts';

/** A queue with an event notifier, and the list of woken keys. */
async function openNotifier(queue: TestQueue) {
  const woken: string[] = [];
  const errors: unknown[] = [];
  const wakeUps = new (class extends WakeUps {
    override wake(key: WakeUpKey): void {
      woken.push(key);
      super.wake(key);
    }
  })();
  const notifier = createEventNotifier(queue.deps, wakeUps, new EventFeed(), (error) => errors.push(error));
  await notifier.start();
  return { wakeUps, woken, errors, notifier };
}

test('a submit wakes who waits for its run and the polls of each of its pools', async () => {
  const queue = await openTestQueue();
  const { woken, notifier } = await openNotifier(queue);
  const { run } = await queue.submit({ tests: ['a', 'b', 'c'], targets: ['emulator', 'device'] });
  await notifier.runOnce();
  expect(new Set(woken)).toEqual(new Set([`run:${run.run_id}`, 'pool:1', 'pool:2']));
});

test('what happened before the start wakes nobody', async () => {
  const queue = await openTestQueue();
  await queue.submit({});
  const { woken, notifier } = await openNotifier(queue);
  await notifier.runOnce();
  expect(woken).toEqual([]);
});

test('a cancel of a running job wakes who waits for the job, its run and its agent', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({});
  const lease = await agent.take();
  const [job] = lease?.jobs ?? [];
  if (!lease || !job) throw new Error('no lease');
  await startAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId: job.job_id, attempt: 1 });
  const { woken, notifier } = await openNotifier(queue);
  await cancelJob(queue.deps, job.job_id, { orgId: 'acme' });
  await notifier.runOnce();
  expect(new Set(woken)).toEqual(
    new Set([`run:${job.run_id}`, `job:${job.job_id}`, `agent:${agent.agentId}`]),
  );
});

test('a cancel of a leased job that has not started wakes its agent, which may install for it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({});
  const lease = await agent.take();
  const [job] = lease?.jobs ?? [];
  if (!job) throw new Error('no lease');
  const { woken, notifier } = await openNotifier(queue);
  await cancelJob(queue.deps, job.job_id, { orgId: 'acme' });
  await notifier.runOnce();
  expect(woken).toContain(`agent:${agent.agentId}`);
});

test('a cancel of a job that has no lease wakes no agent', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['emulator']);
  const { jobs } = await queue.submit({});
  const { woken, notifier } = await openNotifier(queue);
  await cancelJob(queue.deps, jobs[0]?.job_id ?? '', { orgId: 'acme' });
  await notifier.runOnce();
  expect(woken.filter((key) => key.startsWith('agent:'))).toEqual([]);
});

test('more events than one read answers are all read', async () => {
  const queue = await openTestQueue();
  const { run } = await queue.submit({});
  const { woken, notifier } = await openNotifier(queue);
  await queue.deps.sql.write([
    {
      sql: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
            INSERT INTO events (at, type, org_id, run_id, n) SELECT 0, 'submitted', 'acme', ?, 1 FROM n`,
      args: [run.run_id],
    },
  ]);
  await notifier.runOnce();
  expect(woken).toHaveLength(12_000);
});

test('an error of the database is reported, and the next commit is read again', async () => {
  const queue = await openTestQueue();
  const { read } = queue.deps.sql;
  let isBroken = false;
  const sql = {
    ...queue.deps.sql,
    read: ((...args) => (isBroken ? Promise.reject(new Error('gone')) : read(...args))) as typeof read,
  };
  const { woken, errors, notifier } = await openNotifier({ ...queue, deps: { ...queue.deps, sql } });
  isBroken = true;
  await notifier.runOnce();
  expect(errors).toHaveLength(1);
  isBroken = false;
  const { run } = await queue.submit({});
  await notifier.runOnce();
  expect(woken).toContain(`run:${run.run_id}`);
});

test('nothing is read once it has stopped', async () => {
  const queue = await openTestQueue();
  const { woken, notifier } = await openNotifier(queue);
  await notifier.stop();
  await queue.submit({});
  await notifier.runOnce();
  expect(woken).toEqual([]);
});

test('a device that is paused wakes the others of its pool, if there is work: they may have left it to that one', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'device']);
  await queue.submit({});
  const { woken, notifier } = await openNotifier(queue);
  for (const id of agent.deviceIds) await patchDevice(queue.deps, id, { paused: true }, anyOrg);
  await notifier.runOnce();
  expect(woken).toEqual(['pool:1']);
});

test('a drain wakes its agent once, and the polls of its pools that have work', async () => {
  const queue = await openTestQueue();
  const { agentId } = await queue.agent('rack', ['emulator', 'device']);
  await queue.submit({});
  const { woken, notifier } = await openNotifier(queue);
  await patchAgent(queue.deps, agentId, { drain: true }, anyOrg);
  await notifier.runOnce();
  expect(woken.sort()).toEqual([`agent:${agentId}`, 'pool:1']);
  await patchAgent(queue.deps, agentId, { drain: true }, anyOrg);
  await notifier.runOnce();
  expect(woken.filter((key) => key.startsWith('agent:'))).toHaveLength(1);
});

test('an org that goes on wakes the polls of its pools that have work, and of no others', async () => {
  const queue = await openTestQueue();
  await queue.agent('own', ['emulator'], { owner: 'acme' });
  await queue.agent('other', ['emulator'], { owner: 'rival' });
  await queue.submit({ org_id: 'rival' });
  await queue.submit({ targets: ['emulator', 'device'] });
  await patchOrg(queue.deps, 'acme', { paused: true }, anyOrg);
  const { woken, notifier } = await openNotifier(queue);
  await patchOrg(queue.deps, 'acme', { paused: false }, anyOrg);
  await notifier.runOnce();
  const pools = await queue.deps.sql.read('SELECT id FROM pools WHERE owner = ? OR target = ? ORDER BY id', [
    'acme',
    'device',
  ]);
  expect(woken.sort()).toEqual(pools.map(({ id }) => `pool:${id}`));
});

test('a database that was put back to an earlier state wakes polls again', async () => {
  const queue = await openTestQueue();
  const { woken, notifier } = await openNotifier(queue);
  await queue.submit({ tests: ['a', 'b', 'c'] });
  await notifier.runOnce();
  await queue.deps.sql.write([{ sql: 'DELETE FROM events' }]);
  for (let n = 0; n < 20; n += 1) await notifier.runOnce();
  woken.length = 0;
  const { run } = await queue.submit({});
  await notifier.runOnce();
  expect(woken).toContain(`run:${run.run_id}`);
});
