import { expect, test } from 'vitest';
import { takeLease } from '../../../test/support/deps.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { readHeartbeat, renewLeases } from '../leases/renew-leases.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { listDevices, listGroups } from './list-fleet.ts';
import { registerAgent } from './register-agent.ts';

const app = { org_id: 'acme', app_version_id: 'v1' };

/** The places in which others could see that a device has acme's app. */
async function seen(queue: TestQueue) {
  const { rows: groups } = await listGroups(queue.deps, {}, { orgId: 'acme' });
  const { rows: devices } = await listDevices(queue.deps, {}, anyOrg);
  const batches = await queue.deps.sql.read('SELECT held FROM batches');
  return {
    holders: groups.flatMap((group) => group.devices),
    installed: devices.flatMap((device) => (device.installed ? [device.device_id] : [])),
    held: batches.map((row) => row.held),
  };
}

const offer = (queue: TestQueue, owner: string, boot = 'boot-1-of-it') =>
  registerAgent(queue.deps, owner, {
    ...{ name: 'rack', boot_id: boot, version: '1' },
    devices: [{ name: 'one', target: 'emulator', installed: app }],
  });

test('an agent of another org that claims the app of an org has nothing installed, at registration and at a request', async () => {
  const queue = await openTestQueue();
  await queue.submit({ app_version_id: 'v1' });
  const { devices } = await offer(queue, 'other');
  const nothing = { holders: [], installed: [], held: [0] };
  expect(await seen(queue)).toEqual(nothing);
  const ask = {
    lease_id: 'lease-of-other',
    boot_id: 'boot-1-of-it',
    device_id: devices[0]?.device_id ?? '',
    wait_ms: 0,
  };
  expect(await takeLease(queue.deps, { owner: 'other' }, { ...ask, installed: app })).toBeUndefined();
  expect(await seen(queue)).toEqual(nothing);
  // A second time, now that the device is known.
  await offer(queue, 'other');
  expect(await seen(queue)).toEqual(nothing);
});

test('an agent of the org itself, and a shared one, have what they say', async () => {
  for (const owner of ['acme', '']) {
    const queue = await openTestQueue();
    await queue.submit({ app_version_id: 'v1' });
    const { devices } = await offer(queue, owner);
    const id = devices[0]?.device_id;
    expect(await seen(queue)).toMatchObject({ holders: [id], installed: [id] });
  }
});

test('a heartbeat that names the lease of another agent gets it as lost, and nothing else', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const spy = await queue.agent('spy', ['device'], { owner: 'other' });
  const twin = await queue.agent('twin', ['device']);
  const { run } = await queue.submit({ tests: ['a'] });
  const { lease_id: leaseId, jobs } = await agent.mustTake();
  await startAttempt(queue.deps, everyone, { leaseId, jobId: jobs[0]?.job_id ?? '', attempt: 1 });
  await cancelRun(queue.deps, run.run_id, anyOrg);
  const expiry = async () => (await queue.deps.sql.read('SELECT expires_at FROM leases'))[0]?.expires_at;
  const before = await expiry();
  queue.advance(1000);
  const ask = async (name: string, agentId: string, owner: string | undefined) => {
    const beat = { agentId, bootId: `boot-of-${name}`, leaseIds: [leaseId, 'lease-of-nobody'] };
    await renewLeases(queue.deps, { owner }, beat);
    return (await readHeartbeat(queue.deps, { owner }, beat)).leases;
  };
  const lost = { status: 'lost', expires_at: null, cancel: [] };
  for (const [name, id, owner] of [
    ['spy', spy.agentId, 'other'],
    ['twin', twin.agentId, ''],
    ['twin', twin.agentId, undefined],
  ] as const) {
    expect(await ask(name, id, owner)).toEqual([
      { lease_id: leaseId, ...lost },
      { lease_id: 'lease-of-nobody', ...lost },
    ]);
  }
  expect(await expiry()).toBe(before);
  const [own] = await ask('rack', agent.agentId, '');
  expect(own).toMatchObject({ status: 'active', cancel: [jobs[0]?.job_id] });
});
