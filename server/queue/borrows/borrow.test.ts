import { expect, test } from 'vitest';
import { borrowing, minute } from '../../../test/support/borrowing.ts';
import { anyOrg, openTestQueue } from '../../../test/support/queue.ts';
import { listDevices } from '../fleet/list-fleet.ts';
import { patchDevice } from '../fleet/patch-fleet.ts';
import { registerAgent } from '../fleet/register-agent.ts';
import { patchOrg } from '../orgs/orgs.ts';

const acme = { orgId: 'acme' };

test('a free device is lent at once, gets no lease while it is, and one again to the second at the end', async () => {
  const { queue, agent, borrow, settle, statusOf } = await borrowing(1);
  const made = await borrow({ device_id: agent.deviceIds[0], minutes: 30, note: 'a look at the sign-in' });
  expect(made).toMatchObject({
    status: 'active',
    device: { name: 'd0', agent: 'rack' },
    borrowed_until: '2026-01-01T00:30:00.000Z',
    position: null,
  });
  await queue.submit({ tests: ['a'] });
  expect(await agent.take()).toBeUndefined();
  expect(await statusOf()).toBe('borrowed');
  queue.advance(30 * minute - 1);
  await settle();
  expect(await agent.take()).toBeUndefined();
  queue.advance(1);
  await settle();
  expect(await agent.take()).toMatchObject({ jobs: [{ test_path: 'a' }] });
  expect(await borrow.read(made.borrow_id)).toMatchObject({ status: 'ended', ended_as: 'expired' });
});

test('a borrow comes after what was queued before it, and before what was queued after it', async () => {
  const { queue, agent, borrow, finish } = await borrowing(1);
  await queue.submit({ tests: ['before'] });
  queue.advance(1);
  const { borrow_id: id } = await borrow({ target: 'emulator', minutes: 5 });
  expect(await borrow.read(id)).toMatchObject({
    status: 'waiting',
    position: 2,
    waits_for: '1 queued job came before',
  });
  queue.advance(1);
  await queue.submit({ app_version_id: 'v2', tests: ['after'] });
  const first = await agent.mustTake();
  expect(first.jobs).toMatchObject([{ test_path: 'before' }]);
  expect(await borrow.read(id)).toMatchObject({ position: 1, waits_for: 'no device of emulator is free' });
  await finish(first);
  expect(await agent.take()).toBeUndefined();
  expect(await borrow.read(id)).toMatchObject({ status: 'active', device_id: agent.deviceIds[0] });
  await borrow.end(id);
  expect(await agent.take()).toMatchObject({ jobs: [{ test_path: 'after' }] });
});

test('a running lease goes on; the others of the pool go on with jobs meanwhile', async () => {
  const { queue, agent, borrow, finish } = await borrowing(2);
  await queue.submit({ tests: ['one'] });
  const lease = await agent.mustTake(0);
  const { borrow_id: id } = await borrow({ device_id: agent.deviceIds[0], minutes: 5 });
  expect(await borrow.read(id)).toMatchObject({ status: 'waiting', waits_for: 'd0 is running a test' });
  queue.advance(1);
  await queue.submit({ app_version_id: 'v2', tests: ['two'] });
  expect(await agent.take(1)).toMatchObject({ jobs: [{ test_path: 'two' }] });
  await finish(lease);
  expect(await agent.take(0)).toBeUndefined();
  expect(await borrow.read(id)).toMatchObject({ status: 'active' });
});

test('a device that the scheduler leaves idle is lent though jobs came before', async () => {
  const { queue, agent, borrow } = await borrowing(2);
  await queue.submit({ tests: Array.from({ length: 8 }, (_, n) => `t${n}`) });
  await agent.mustTake(0);
  await queue.deps.sql.write([{ sql: 'UPDATE groups SET setup_ms = 600000' }]);
  // The others are for the device that has the app.
  expect(await agent.take(1)).toBeUndefined();
  queue.advance(1);
  const { borrow_id: id } = await borrow({ target: 'emulator', minutes: 5 });
  expect(await borrow.read(id)).toMatchObject({ status: 'waiting' });
  expect(await agent.take(1)).toBeUndefined();
  expect(await borrow.read(id)).toMatchObject({ status: 'active', device_id: agent.deviceIds[1] });
});

test('of a target the device is lent whose loss costs least', async () => {
  const { queue, agent, borrow, finish } = await borrowing(3);
  for (const [index, app] of ['v1', 'v2'].entries()) {
    await queue.submit({ app_version_id: app });
    await finish(await agent.mustTake(index));
  }
  const first = await borrow({ target: 'emulator', minutes: 5 });
  expect(first.device?.name).toBe('d2');
  queue.advance(1);
  await queue.submit({ app_version_id: 'v1', tests: ['b'] });
  queue.advance(1);
  const second = await borrow({ target: 'emulator', minutes: 5 });
  expect(await agent.take(0)).toMatchObject({ app_version_id: 'v1' });
  expect(await agent.take(1)).toBeUndefined();
  expect(await borrow.read(second.borrow_id)).toMatchObject({ device: { name: 'd1' } });
});

test('one that is benched is lent to who names it, one that is paused to nobody', async () => {
  const { queue, agent, borrow, settle } = await borrowing(2);
  const [first = '', second = ''] = agent.deviceIds;
  await queue.deps.sql.write([
    { sql: 'UPDATE devices SET benched_until = 9e15 WHERE id = ?', args: [first] },
  ]);
  await patchDevice(queue.deps, second, { paused: true }, anyOrg);
  const any = await borrow({ target: 'emulator', minutes: 5 });
  expect(any).toMatchObject({ status: 'waiting', waits_for: 'no device of emulator is free' });
  expect(await borrow({ device_id: first, minutes: 5 })).toMatchObject({ status: 'active' });
  const paused = await borrow({ device_id: second, minutes: 5 });
  expect(paused).toMatchObject({ status: 'waiting', waits_for: 'd1 is paused' });
  await patchDevice(queue.deps, second, { paused: false }, anyOrg);
  await settle();
  expect(await borrow.read(any.borrow_id)).toMatchObject({ status: 'active', device_id: second });
});

test('what was installed counts as nothing afterwards, whatever its agent says, until the next install', async () => {
  const { queue, agent, borrow, finish, installed, ask } = await borrowing(1);
  await queue.submit({ tests: ['a'] });
  const lease = await agent.mustTake();
  expect(lease.install).toBe(true);
  await installed(lease);
  await finish(lease);
  const says = { org_id: 'acme', app_version_id: 'v1' };
  const { borrow_id: id } = await borrow({ device_id: agent.deviceIds[0], minutes: 5 });
  expect(await ask({ installed: says })).toBeUndefined();
  await borrow.end(id);
  await queue.submit({ tests: ['b'] });
  const next = await ask({ installed: says });
  expect(next).toMatchObject({ install: true, clean: true });
  if (!next) throw new Error('it got no lease');
  await installed(next);
  await finish(next);
  await queue.submit({ tests: ['c'] });
  const last = await ask({ installed: says });
  expect(last?.install).toBe(false);
  expect(last?.clean).toBeUndefined();
});

test('borrowing it again, or to extend it, sets a later end and never an earlier one', async () => {
  const { queue, agent, borrow } = await borrowing(1);
  const body = { device_id: agent.deviceIds[0], minutes: 30 };
  const { borrow_id: id } = await borrow(body);
  queue.advance(10 * minute);
  expect(await borrow(body)).toMatchObject({ borrow_id: id, borrowed_until: '2026-01-01T00:40:00.000Z' });
  expect(await borrow.extend(id, 5)).toMatchObject({ borrowed_until: '2026-01-01T00:40:00.000Z' });
  expect(await borrow.extend(id, 480)).toMatchObject({ borrowed_until: '2026-01-01T08:10:00.000Z' });
  await borrow.end(id);
  await expect(borrow.extend(id, 5)).rejects.toMatchObject({ code: 'conflict' });
});

test('it outlives a restart of the agent and its silence, and ends where the device is no longer offered', async () => {
  const { queue, agent, borrow, settle } = await borrowing(2);
  const { borrow_id: id } = await borrow({ device_id: agent.deviceIds[0], minutes: 60 });
  const offer = (boot: string, names: readonly string[]) =>
    registerAgent(queue.deps, '', {
      ...{ name: 'rack', boot_id: boot, version: '1' },
      devices: names.map((name) => ({ name, target: 'emulator' })),
    });
  await offer('boot-of-the-next', ['d0', 'd1']);
  queue.advance(20 * minute);
  await settle();
  expect(await borrow.read(id)).toMatchObject({ status: 'active' });
  await offer('boot-of-the-next', ['d1']);
  await settle();
  expect(await borrow.read(id)).toMatchObject({ status: 'ended', ended_as: 'device_gone' });
});

test('nobody gets a device after giving up, or when nobody asks for it any more', async () => {
  const { queue, agent, borrow, settle, finish } = await borrowing(1);
  await queue.submit({ tests: ['a'] });
  const lease = await agent.mustTake();
  const given = await borrow({ target: 'emulator', minutes: 5 });
  const left = await borrow({ target: 'emulator', minutes: 5, on_client_gone: 'cancel' });
  const kept = await borrow({ target: 'emulator', minutes: 5 });
  expect(await borrow.end(given.borrow_id)).toMatchObject({ status: 'ended', ended_as: 'cancelled' });
  queue.advance(30_000);
  await borrow.watch(left.borrow_id);
  queue.advance(50_000);
  await settle();
  expect(await borrow.read(left.borrow_id)).toMatchObject({ status: 'waiting' });
  queue.advance(11_000);
  await settle();
  expect(await borrow.read(left.borrow_id)).toMatchObject({ status: 'ended', ended_as: 'cancelled' });
  await registerAgent(queue.deps, '', {
    ...{ name: 'rack', boot_id: 'boot-of-rack', version: '1' },
    devices: [{ name: 'd0', target: 'emulator' }],
  });
  await finish(lease);
  await settle();
  expect(await borrow.read(kept.borrow_id)).toMatchObject({ status: 'active' });
});

test('borrowed devices count for the cap of the org, and a paused org borrows nothing', async () => {
  const { queue, agent, borrow, settle } = await borrowing(3);
  await queue.submit({ tests: ['a'] });
  await patchOrg(queue.deps, 'acme', { max_leases: 1 }, anyOrg);
  const first = await borrow({ target: 'emulator', minutes: 5 });
  expect(await borrow.read(first.borrow_id)).toMatchObject({ status: 'waiting' });
  await agent.take(0);
  await settle();
  expect(await borrow.read(first.borrow_id)).toMatchObject({ status: 'waiting' });
  await patchOrg(queue.deps, 'acme', { max_leases: 2 }, anyOrg);
  await settle();
  expect(await borrow.read(first.borrow_id)).toMatchObject({ status: 'active' });
  await queue.submit({ tests: ['b'], app_version_id: 'v2' });
  expect(await agent.take(1)).toBeUndefined();
  expect(await agent.take(2)).toBeUndefined();
});

test('the devices say who has one, for what and until when; another org learns only until when', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { borrow } = await borrowing(0, queue);
  await borrow({ device_id: agent.deviceIds[0], minutes: 30, note: 'sign-in' });
  const [own] = (await listDevices(queue.deps, {}, acme)).rows;
  const until = { status: 'borrowed', borrowed_until: '2026-01-01T00:30:00.000Z' };
  expect(own).toMatchObject({ ...until, borrowed_by: 'a token', borrow_note: 'sign-in' });
  const [other] = (await listDevices(queue.deps, {}, { orgId: 'rival' })).rows;
  expect(other).toMatchObject({ ...until, borrowed_by: null, borrow_note: null, borrow_id: null });
});
