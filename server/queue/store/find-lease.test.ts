import { expect, test } from 'vitest';
import { scheduled } from '../../../test/support/lifecycle/job-setups.ts';
import { everyone, openTestQueue } from '../../../test/support/queue.ts';
import { releaseLease } from '../leases/release-lease.ts';
import {
  findLease,
  findLeaseOrg,
  findLiveLease,
  isForeign,
  refuseCaller,
  tokenOutlivesMs,
} from './find-lease.ts';

test('a lease is found by its own token and by the operator, and by nobody else', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  const find = (leaseId: string | undefined, wanted = ref.leaseId) =>
    findLease(queue.deps, { leaseId }, wanted);
  expect(await find(ref.leaseId)).toMatchObject({ id: ref.leaseId, state: 'active' });
  expect(await find(undefined)).toMatchObject({ id: ref.leaseId });
  const none = (id: string) => ({ code: 'not_found', message: `no lease ${id}` });
  await expect(find('another')).rejects.toMatchObject(none(ref.leaseId));
  await expect(find(undefined, 'unknown')).rejects.toMatchObject(none('unknown'));
  await expect(find('unknown', 'unknown')).rejects.toMatchObject(none('unknown'));
});

test('one that has ended is found for 24 hours by its token, and is not live', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  const own = { leaseId: ref.leaseId };
  expect(await findLiveLease(queue.deps, own, ref.leaseId)).toMatchObject({ state: 'active' });
  await releaseLease(queue.deps, everyone, ref.leaseId);
  await expect(findLiveLease(queue.deps, own, ref.leaseId)).rejects.toMatchObject({
    ...{ code: 'lease_lost', message: `lease ${ref.leaseId} has ended; drop its work` },
  });
  queue.advance(tokenOutlivesMs - 1);
  expect(await findLease(queue.deps, own, ref.leaseId)).toMatchObject({ state: 'ended' });
  queue.advance(1);
  await expect(findLease(queue.deps, own, ref.leaseId)).rejects.toMatchObject({
    code: 'unauthorized',
    message: `the token of lease ${ref.leaseId} is not valid any more: the lease ended more than 24 hours ago`,
    details: { lease_id: ref.leaseId },
  });
  expect(await findLease(queue.deps, everyone, ref.leaseId)).toMatchObject({ state: 'ended' });
});

test('the org of a lease is known while its token passes', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  expect(await findLeaseOrg(queue.deps, ref.leaseId)).toBe('acme');
  expect(await findLeaseOrg(queue.deps, 'unknown')).toBeUndefined();
  await releaseLease(queue.deps, everyone, ref.leaseId);
  queue.advance(tokenOutlivesMs - 1);
  expect(await findLeaseOrg(queue.deps, ref.leaseId)).toBe('acme');
  queue.advance(1);
  expect(await findLeaseOrg(queue.deps, ref.leaseId)).toBeUndefined();
});

test('the token of a live lease is never too old, the operator neither', () => {
  const own = { leaseId: 'l' };
  expect(refuseCaller(own, { id: 'l', endedAt: null }, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(refuseCaller(everyone, { id: 'l', endedAt: 0 }, Number.MAX_SAFE_INTEGER)).toBeUndefined();
  expect(refuseCaller(own, { id: 'l', endedAt: 0 }, tokenOutlivesMs)).toMatchObject({ code: 'unauthorized' });
});

test('a lease is foreign to the token of another one', () => {
  expect([
    isForeign({ leaseId: 'a' }, 'b'),
    isForeign({ leaseId: 'a' }, 'a'),
    isForeign(everyone, 'b'),
  ]).toEqual([true, false, false]);
});
