import { expect, test } from 'vitest';
import { openDispatcher, settle, waiting } from '../../../test/support/lease-dispatcher.ts';
import { everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { registerAgent } from '../fleet/register-agent.ts';
import { patchOrg } from '../orgs/orgs.ts';

const anyOrg = { orgId: undefined };
const targets = (n: number) => Array.from({ length: n }, () => 'emulator');
const leasesOf = async (queue: TestQueue) => (await queue.deps.sql.read('SELECT * FROM leases')).length;

test('an equal lease id of another device never answers with its lease, whoever was first', async () => {
  const queue = await openTestQueue();
  const dispatcher = await openDispatcher(queue);
  const own = await queue.agent('own', ['emulator'], { owner: 'acme' });
  const rival = await queue.agent('rival', ['emulator'], { owner: 'rival' });
  const [ours = '', theirs = ''] = [own.deviceIds[0], rival.deviceIds[0]];
  const held = dispatcher.request(theirs, 'boot-of-rival', { lease_id: 'lease-of-both' });
  await settle();
  await queue.submit({ org_id: 'acme', tests: ['secret.spec.ts'] });
  const lease = await dispatcher.request(ours, 'boot-of-own', { lease_id: 'lease-of-both' }).answer;
  expect(lease?.jobs[0]?.test_path).toBe('secret.spec.ts');
  await queue.submit({ org_id: 'rival', tests: ['theirs.spec.ts'] });
  dispatcher.wakeUps.wake('pool:2');
  await expect(held.answer).rejects.toMatchObject({ code: 'not_found' });
});

test('work behind batches that all avoid a device is given to it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', targets(2));
  const [, b = ''] = agent.deviceIds;
  for (const app of ['v1', 'v2']) {
    await queue.submit({ app_version_id: app });
    const lease = await agent.mustTake(1);
    const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
    const failed = { attempt: 1, verdict: 'failed', duration_ms: 1 } as const;
    await finishAttempt(queue.deps, everyone, ref, {
      ...failed,
      tests: [{ name: 't', status: 'failed', duration_ms: 1 }],
    });
  }
  await queue.submit({ app_version_id: 'v3' });
  const v3 = await agent.mustTake(1);
  const ref = { leaseId: v3.lease_id, jobId: v3.jobs[0]?.job_id ?? '', attempt: 1 };
  await finishAttempt(queue.deps, everyone, ref, { attempt: 1, verdict: 'passed', duration_ms: 1 });
  await queue.submit({ app_version_id: 'v4' });
  const dispatcher = await openDispatcher(queue);
  expect((await dispatcher.request(b, 'boot-of-rack').answer)?.app_version_id).toBe('v4');
});

test('a device that is no longer listed hides no other', async () => {
  const { queue, agent, requests, wake } = await waiting(2);
  const rest = [{ name: 'd1', target: 'emulator' }];
  await registerAgent(queue.deps, '', { name: 'rack', boot_id: 'boot-of-rack', version: '1', devices: rest });
  await queue.submit({});
  wake();
  expect((await requests[1]?.answer)?.jobs).toHaveLength(1);
  expect(agent.deviceIds).toHaveLength(2);
});

test('as many groups as devices wait are given out by one wake-up', async () => {
  const { queue, dispatcher, requests, wake } = await waiting(120);
  for (let n = 0; n < 120; n += 1) await queue.submit({ app_version_id: `v${n}` });
  wake();
  await settle();
  dispatcher.wakeUps.stop();
  const leases = await Promise.all(requests.map((ask) => ask.answer));
  expect(new Set(leases.map((lease) => lease?.app_version_id)).size).toBe(120);
});

test('a group with more jobs than one list holds is given to every device that has its app', async () => {
  const { queue, requests, dispatcher, wake } = await waiting(100);
  const { run } = await queue.submit({ tests: Array.from({ length: 3000 }, (_, n) => `t${n}`) });
  await queue.deps.sql.write([
    { sql: 'UPDATE jobs SET estimate_ms = 1000' },
    { sql: 'UPDATE devices SET installed_group_id = (SELECT id FROM groups)' },
  ]);
  wake();
  await settle();
  dispatcher.wakeUps.stop();
  const leases = await Promise.all(requests.map((ask) => ask.answer));
  expect(leases.filter((lease) => lease?.jobs[0]?.run_id === run.run_id)).toHaveLength(100);
});

test('behind the batches of a paused org those of others are given to all devices that wait', async () => {
  const { queue, requests, dispatcher, wake } = await waiting(40);
  for (let n = 0; n < 101; n += 1) await queue.submit({ org_id: 'paused', app_version_id: `v${n}` });
  await patchOrg(queue.deps, 'paused', { paused: true }, anyOrg);
  for (let n = 0; n < 60; n += 1) await queue.submit({ org_id: 'open', app_version_id: `v${n}` });
  wake();
  await settle();
  dispatcher.wakeUps.stop();
  const leases = await Promise.all(requests.map((ask) => ask.answer));
  expect(leases.filter((lease) => lease?.org_id === 'open')).toHaveLength(40);
});

test('the same request again, while its lease is being written, is answered with that lease', async () => {
  const { queue, agent, dispatcher, wake } = await waiting(1);
  const [id = ''] = agent.deviceIds;
  const written = Promise.withResolvers<void>();
  const writing = Promise.withResolvers<void>();
  dispatcher.onWrite(() => {
    writing.resolve();
    return written.promise;
  });
  const first = dispatcher.request(id, 'boot-of-rack', { lease_id: 'lease-again' });
  await settle();
  await queue.submit({});
  wake();
  await writing.promise;
  const again = dispatcher.request(id, 'boot-of-rack', { lease_id: 'lease-again' });
  await settle();
  written.resolve();
  expect((await first.answer)?.lease_id).toBe('lease-again');
  expect((await again.answer)?.lease_id).toBe('lease-again');
});

test('a lease whose caller went away while it was written is taken back where there is one server, and its job goes to the next', async () => {
  const { queue, requests, dispatcher, wake } = await waiting(2);
  let isFirst = true;
  dispatcher.onWrite(() => {
    if (isFirst) requests[0]?.hangUp();
    isFirst = false;
  });
  await queue.submit({});
  wake();
  await settle();
  if (queue.deps.sql.isRemote) {
    // Its caller may have repeated its request at another server by now.
    expect((await requests[0]?.answer)?.jobs).toHaveLength(1);
    expect(await leasesOf(queue)).toBe(1);
    return;
  }
  expect(await requests[0]?.answer).toBeUndefined();
  wake();
  expect((await requests[1]?.answer)?.jobs[0]).toMatchObject({ attempt: 0, releases: 0 });
});

test('a lease whose write was not answered is an error, and the next request gets it', async () => {
  const { queue, agent, requests, dispatcher, wake } = await waiting(1);
  dispatcher.onWrite(() => dispatcher.setAway(true));
  await queue.submit({});
  wake();
  await expect(requests[0]?.answer).rejects.toThrow('away');
  dispatcher.setAway(false);
  expect(await leasesOf(queue)).toBe(1);
  const again = dispatcher.request(agent.deviceIds[0] ?? '', 'boot-of-rack', { lease_id: 'lease-1-xxxx' });
  expect((await again.answer)?.jobs).toHaveLength(1);
});
