import { expect, test } from 'vitest';
import type { Lease } from '../../../protocol/shapes/agent.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { patchDevice } from '../fleet/index.ts';
import { reportInstalled } from '../leases/report-installed.ts';

const names = Array.from({ length: 40 }, (_, n) => `t${n}`);

async function finishAll({ deps }: TestQueue, lease: Lease, durationMs = 1000): Promise<void> {
  const report = { ok: true, duration_ms: 100, installs: 1 };
  if (lease.install) await reportInstalled(deps, everyone, lease.lease_id, report);
  for (const job of lease.jobs) {
    const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: job.next_attempt };
    await finishAttempt(deps, everyone, ref, {
      ...{ attempt: ref.attempt, verdict: 'passed', duration_ms: durationMs },
      tests: [{ name: 't', status: 'passed', duration_ms: 1 }],
    });
  }
}

/**
 * Devices that have run 40 tests of 1 s each, of an app that installs in 0.1 s; `warm` of them, the first ones, have it
 * still installed.
 */
async function openKnown(devices: number, warm = devices) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', Array<string>(devices).fill('emulator'));
  await queue.submit({ tests: names });
  for (let lease = await agent.take(); lease; lease = await agent.take()) await finishAll(queue, lease);
  await queue.deps.sql.write([
    { sql: 'UPDATE devices SET installed_group_id = NULL' },
    {
      sql: `UPDATE devices SET installed_group_id = (SELECT id FROM groups) WHERE id IN (SELECT value FROM json_each(?))`,
      args: [JSON.stringify(agent.deviceIds.slice(0, warm))],
    },
  ]);
  const submit = (count: number) => queue.submit({ tests: names.slice(0, count) });
  return { queue, agent, submit };
}

const sizes = (leases: readonly (Lease | undefined)[]) => leases.map((lease) => lease?.jobs.length);

test('two devices that request at once take a half each', async () => {
  const { agent, submit } = await openKnown(2);
  await submit(20);
  expect(sizes(await Promise.all([agent.take(0), agent.take(1)]))).toEqual([10, 10]);
});

test('a device leaves the share of one that is idle and has not requested yet', async () => {
  const { agent, submit } = await openKnown(2);
  await submit(20);
  expect(sizes([await agent.take(0), await agent.take(1)])).toEqual([10, 10]);
});

test.each([
  ['counts where the choice would let it in', 100, 3],
  ['does not count where an install costs more than it saves', 60_000, 12],
])('a device without the app %s', async (_what, setupMs, most) => {
  const { queue, agent, submit } = await openKnown(4, 1);
  await queue.deps.sql.write([{ sql: 'UPDATE groups SET setup_ms = ?', args: [setupMs] }]);
  await submit(12);
  expect(sizes([await agent.take(0)])).toEqual([most]);
});

test('a device that is offline, paused or on other work does not count', async () => {
  const { queue, agent, submit } = await openKnown(4);
  const { deps } = queue;
  await patchDevice(deps, agent.deviceIds[1] ?? '', { paused: true }, anyOrg);
  await queue.submit({ app_version_id: 'v2', tests: names });
  await deps.sql.write([
    {
      sql: `UPDATE devices SET installed_group_id = (SELECT id FROM groups WHERE app_version_id = 'v2') WHERE id = ?`,
      args: [agent.deviceIds[2] ?? ''],
    },
    { sql: 'UPDATE devices SET listed = 0 WHERE id = ?', args: [agent.deviceIds[3] ?? ''] },
  ]);
  await submit(16);
  expect(sizes([await agent.take(0)])).toEqual([16]);
});

test('a busy device counts if it is idle again before the others would end', async () => {
  const { queue, agent, submit } = await openKnown(2);
  await submit(16);
  await queue.deps.sql.write([
    { sql: 'UPDATE devices SET paused_at = 1 WHERE id = ?', args: [agent.deviceIds[1] ?? ''] },
  ]);
  const long = await agent.mustTake(0);
  expect(long.jobs).toHaveLength(16);
  await queue.deps.sql.write([{ sql: 'UPDATE devices SET paused_at = NULL' }]);
  // It is busy for 16 s more, these need 12 s.
  await submit(12);
  const second = await agent.mustTake(1);
  expect(second.jobs).toHaveLength(12);
  for (const job of second.jobs.slice(0, 11)) await finishOne(queue, second, job);
  for (const job of long.jobs.slice(0, 13)) await finishOne(queue, long, job);
  const [last] = second.jobs.slice(11);
  if (last) await finishOne(queue, second, last);
  // By now it is busy for 3 s.
  await submit(12);
  expect(sizes([await agent.take(1)])).toEqual([6]);
});

async function finishOne({ deps }: TestQueue, lease: Lease, job: Lease['jobs'][number]): Promise<void> {
  const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: job.next_attempt };
  await startAttempt(deps, everyone, ref);
  await finishAttempt(deps, everyone, ref, {
    ...{ attempt: ref.attempt, verdict: 'passed', duration_ms: 1000 },
    tests: [{ name: 't', status: 'passed', duration_ms: 1 }],
  });
}

test('the first results of an org correct the guesses for the rest of its first run', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  await queue.submit({ tests: names.slice(0, 20) });
  const first = [await agent.take(0), await agent.take(1)];
  expect(sizes(first)).toEqual([3, 3]);
  for (const lease of first) if (lease) await finishAll(queue, lease);
  expect(sizes([await agent.take(0), await agent.take(1)])).toEqual([7, 7]);
});

test('a device is not sent to install for guessed work, but is as soon as the work is known to be worth it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  await queue.submit({ tests: names.slice(0, 6) });
  const first = await agent.take(0);
  expect(sizes([first, await agent.take(1)])).toEqual([3, undefined]);
  await finishAll(queue, first as Lease);
  expect(sizes([await agent.take(1), await agent.take(0)])).toEqual([2, 1]);
});

test.each([
  ['takes twice as much where no other group waits', undefined, 6],
  ['takes the usual 30 s where another one waits', 'v2', 3],
])('a lease of tests whose durations are known %s', async (_what, other, size) => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['known'] });
  await finishAll(queue, (await agent.take()) as Lease, 10_000);
  await queue.submit({ tests: names.slice(0, 12) });
  if (other) await queue.submit({ tests: ['a', 'b'], app_version_id: other, priority: 1 });
  expect((await agent.take())?.jobs.length).toBe(size);
});
