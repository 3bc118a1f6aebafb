import { expect, test } from 'vitest';
import { borrowing, borrowsOf } from '../../../test/support/borrowing.ts';
import { openDispatcher, settle } from '../../../test/support/lease-dispatcher.ts';
import { Coalescer } from '../store/coalescer.ts';
import { grantBorrows } from './grant-borrows.ts';

test('between a plan and its write a device is lent: the lease is not made, and its job stays queued', async () => {
  const { queue, agent } = await borrowing(1);
  const dispatcher = await openDispatcher(queue);
  const borrow = borrowsOf(queue);
  const [deviceId = ''] = agent.deviceIds;
  const polled = dispatcher.request(deviceId, 'boot-of-rack');
  await settle();
  let lent = false;
  dispatcher.onWrite(async () => {
    if (lent) return;
    lent = true;
    const made = await borrow({ device_id: deviceId, minutes: 5 });
    // The job came before, so nothing but an idle device would be lent.
    expect(made.status).toBe('waiting');
    expect(await grantBorrows(queue.deps, 1, [deviceId])).toBe(1);
  });
  queue.advance(1);
  await queue.submit({ tests: ['a'] });
  dispatcher.wakeUps.wake('pool:1');
  await settle();
  expect(lent).toBe(true);
  dispatcher.wakeUps.stop();
  expect(await polled.answer).toBeUndefined();
  expect(await queue.deps.sql.read('SELECT id FROM leases')).toEqual([]);
  expect(await queue.deps.sql.read('SELECT status FROM jobs')).toMatchObject([{ status: 'queued' }]);
});

test('of a take and a grant in the same moment, and of grants by two servers, one wins', async () => {
  for (let n = 0; n < 8; n += 1) {
    const { queue, agent, borrow } = await borrowing(1);
    await queue.submit({ tests: ['before'] });
    const first = await borrow({ target: 'emulator', minutes: 5 });
    const other = { ...queue.deps, coalescer: new Coalescer() };
    const [deviceId = ''] = agent.deviceIds;
    await borrow({ device_id: deviceId, minutes: 5 });
    await Promise.all([
      n % 2 === 0 ? agent.take(0) : undefined,
      grantBorrows(queue.deps, 1, [deviceId]),
      grantBorrows(other, 1, [deviceId]),
      n % 2 === 1 ? agent.take(0) : undefined,
    ]);
    const live = await queue.deps.sql.read(`SELECT id FROM leases WHERE state = 'active'`);
    const lent = await queue.deps.sql.read(`SELECT id FROM borrows WHERE status = 'active'`);
    expect(live.length + lent.length).toBe(1);
    if (lent.length === 1) expect(lent[0]?.id).toBe(first.borrow_id);
  }
});
