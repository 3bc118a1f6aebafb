import { expect, test } from 'vitest';
import { openDispatcher, settle, waiting } from '../../../test/support/lease-dispatcher.ts';
import { openTestQueue } from '../../../test/support/queue.ts';
import { patchDevice } from '../fleet/patch-fleet.ts';

test('one job that comes is given to one of many that wait, by as many reads as if it waited alone', async () => {
  const reads: number[] = [];
  for (const devices of [1, 150]) {
    const { queue, dispatcher, requests, wake } = await waiting(devices);
    await queue.submit({});
    const before = dispatcher.reads();
    wake();
    const lease = await Promise.race(requests.map((ask) => ask.answer));
    expect(lease?.jobs).toHaveLength(1);
    await settle();
    reads.push(dispatcher.reads() - before);
    dispatcher.wakeUps.stop();
    const answers = await Promise.all(requests.map((ask) => ask.answer));
    expect(answers.filter((one) => one !== undefined)).toHaveLength(1);
  }
  expect(reads[1]).toBe(reads[0]);
});

test('work for several devices is planned by one read of the pool', async () => {
  const { queue, requests, wake } = await waiting(3);
  for (const app of ['v1', 'v2', 'v3']) await queue.submit({ app_version_id: app });
  wake();
  const leases = await Promise.all(requests.map((ask) => ask.answer));
  expect(new Set(leases.map((lease) => lease?.app_version_id))).toEqual(new Set(['v1', 'v2', 'v3']));
});

test('a new request of a device ends its last one', async () => {
  const { queue, agent, dispatcher, requests, wake } = await waiting(1);
  const again = dispatcher.request(agent.deviceIds[0] ?? '', 'boot-of-rack');
  expect(await requests[0]?.answer).toBeUndefined();
  await queue.submit({});
  wake();
  expect((await again.answer)?.jobs).toHaveLength(1);
});

test('a request without time is answered after one plan', async () => {
  const queue = await openTestQueue();
  const { deviceIds } = await queue.agent('rack', ['emulator']);
  const dispatcher = await openDispatcher(queue);
  const look = () => dispatcher.request(deviceIds[0] ?? '', 'boot-of-rack', { wait_ms: 0 }).answer;
  expect(await look()).toBeUndefined();
  await queue.submit({});
  expect((await look())?.jobs).toHaveLength(1);
});

test('who went away gets nothing, and the job goes to the next', async () => {
  const { queue, requests, wake } = await waiting(2);
  requests[0]?.hangUp();
  expect(await requests[0]?.answer).toBeUndefined();
  await queue.submit({});
  wake();
  expect((await requests[1]?.answer)?.jobs).toHaveLength(1);
});

test('a request whose token is no longer valid is refused, and its work goes to another device', async () => {
  const queue = await openTestQueue();
  const { deviceIds } = await queue.agent('rack', ['emulator', 'emulator']);
  const dispatcher = await openDispatcher(queue);
  const [first = '', second = ''] = deviceIds;
  const revoked = dispatcher.request(first, 'boot-of-rack', {
    recheck: () => Promise.reject(new Error('revoked')),
  });
  const good = dispatcher.request(second, 'boot-of-rack');
  await settle();
  await queue.submit({});
  dispatcher.wakeUps.wake('pool:1');
  await expect(revoked.answer).rejects.toThrow('revoked');
  expect((await good.answer)?.jobs).toHaveLength(1);
});

test('a process that was replaced while it waited gets an error, and the newer process gets the work', async () => {
  const { queue, requests, dispatcher, wake } = await waiting(1);
  const newer = await queue.agent('rack', ['emulator'], { boot: 'boot-of-newer' });
  await queue.submit({});
  wake();
  await expect(requests[0]?.answer).rejects.toMatchObject({ code: 'replaced' });
  expect((await dispatcher.request(newer.deviceIds[0] ?? '', 'boot-of-newer').answer)?.jobs).toHaveLength(1);
});

test('a device that is paused waits on; once it goes on it is given work', async () => {
  const { queue, agent, requests, wake } = await waiting(1);
  const [id = ''] = agent.deviceIds;
  await patchDevice(queue.deps, id, { paused: true }, { orgId: undefined });
  await queue.submit({});
  wake();
  await settle();
  await patchDevice(queue.deps, id, { paused: false }, { orgId: undefined });
  wake();
  expect((await requests[0]?.answer)?.jobs).toHaveLength(1);
});

test('while the database is away, new requests get an error, and those that wait are served afterwards', async () => {
  const { queue, agent, dispatcher, requests, wake } = await waiting(1);
  await queue.submit({});
  dispatcher.setAway(true);
  wake();
  await settle();
  expect(dispatcher.errors).toHaveLength(1);
  const late = await openDispatcher(queue);
  late.setAway(true);
  await expect(late.request(agent.deviceIds[0] ?? '', 'boot-of-rack').answer).rejects.toThrow('away');
  dispatcher.setAway(false);
  wake();
  expect((await requests[0]?.answer)?.jobs).toHaveLength(1);
});
