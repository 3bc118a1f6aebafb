import { expect, test } from 'vitest';
import { takeLease } from '../../../test/support/deps.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { explainJob } from '../runs/index.ts';
import { listAgents, listDevices } from './list-fleet.ts';
import { patchAgent } from './patch-fleet.ts';
import { registerAgent } from './register-agent.ts';

const fault = 'its battery is at 4 % (15 % needed)';

const offer = (queue: TestQueue, fault?: string) =>
  registerAgent(queue.deps, '', {
    ...{ name: 'rack', boot_id: 'boot-1-of-it', version: '1' },
    devices: [{ name: 'pixel', target: 'device', ...(fault && { fault }) }],
  });

async function ask(queue: TestQueue, deviceId: string | undefined, leaseId: string) {
  const { deps } = queue;
  return takeLease(deps, everyone, {
    lease_id: leaseId,
    boot_id: 'boot-1-of-it',
    device_id: deviceId ?? '',
    wait_ms: 0,
  });
}

test('a device in which its agent finds a fault is benched with its words until the agent finds none', async () => {
  const queue = await openTestQueue();
  await offer(queue);
  const { jobs } = await queue.submit({ tests: ['a'], target: 'device' });
  const { devices } = await offer(queue, fault);
  const id = devices[0]?.device_id;
  expect(await ask(queue, id, 'lease-in-vain')).toBeUndefined();
  expect((await listDevices(queue.deps, {}, { orgId: 'acme' })).rows).toMatchObject([
    { status: 'benched', status_reason: fault },
  ]);
  const why = await explainJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg);
  expect(why.blocked_by).toMatchObject([
    {
      reason: 'devices_paused',
      message: `every device for device is paused, benched or draining (pixel: ${fault})`,
    },
  ]);
  await offer(queue);
  expect((await listDevices(queue.deps, {}, anyOrg)).rows).toMatchObject([
    { status: 'idle', status_reason: null },
  ]);
  expect(await ask(queue, id, 'lease-of-a-well')).toMatchObject({ jobs: [{ test_path: 'a' }] });
});

test('a lease that runs on the device goes on', async () => {
  const queue = await openTestQueue();
  const { devices } = await offer(queue);
  await queue.submit({ tests: ['a'], target: 'device' });
  const lease = await ask(queue, devices[0]?.device_id, 'lease-1-of-it');
  await offer(queue, fault);
  expect(await queue.deps.sql.read('SELECT state FROM leases')).toMatchObject([{ state: 'active' }]);
  expect(lease).toMatchObject({ lease_id: 'lease-1-of-it' });
});

test('the news of a fault does not undo a drain, a new start of the agent does', async () => {
  const queue = await openTestQueue();
  const { agent_id } = await offer(queue);
  const drains = async () => (await listAgents(queue.deps, {}, anyOrg)).rows.map(({ drain }) => drain);
  await patchAgent(queue.deps, agent_id, { drain: true }, anyOrg);
  await offer(queue, fault);
  expect(await drains()).toEqual([true]);
  await registerAgent(queue.deps, '', {
    ...{ name: 'rack', boot_id: 'boot-2-of-it', version: '1' },
    devices: [{ name: 'pixel', target: 'device' }],
  });
  expect(await drains()).toEqual([false]);
});
