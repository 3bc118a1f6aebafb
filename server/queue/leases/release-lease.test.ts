import { expect, test, vi } from 'vitest';
import { running, scheduled } from '../../../test/support/lifecycle/job-setups.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { readJob } from '../store/read-job.ts';
import { releaseLease } from './release-lease.ts';

const installed = async ({ deps }: TestQueue) =>
  (await deps.sql.read('SELECT installed_group_id AS id FROM devices'))[0]?.id;
const install = ({ deps }: TestQueue, at: number | null) =>
  deps.sql.write([
    { sql: 'UPDATE devices SET installed_group_id = 1', args: [] },
    { sql: 'UPDATE leases SET install = 1, installed_at = ?', args: [at] },
  ]);

test('a lease that is given back has its jobs queued again, and ends', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  await releaseLease(queue.deps, everyone, ref.leaseId);
  expect(await readJob(queue.deps, ref.jobId, anyOrg)).toMatchObject({ status: 'queued', attempt: 0 });
  expect(await queue.deps.sql.read('SELECT state FROM leases')).toMatchObject([{ state: 'ended' }]);
});

test('one whose job runs goes on with that', async () => {
  const queue = await openTestQueue();
  const { ref, lease } = await running(queue, { tests: ['a', 'b'] });
  await releaseLease(queue.deps, everyone, ref.leaseId);
  expect(await readJob(queue.deps, ref.jobId, anyOrg)).toMatchObject({ status: 'running' });
  expect(await readJob(queue.deps, lease.jobs[1]?.job_id ?? '', anyOrg)).toMatchObject({ status: 'queued' });
  expect(await queue.deps.sql.read('SELECT state FROM leases')).toMatchObject([{ state: 'active' }]);
});

test('a device of which no install was told counts as empty from then on, another one does not', async () => {
  for (const at of [null, 5]) {
    const queue = await openTestQueue();
    const { ref } = await scheduled(queue);
    await install(queue, at);
    await releaseLease(queue.deps, everyone, ref.leaseId);
    expect(await installed(queue)).toBe(at === null ? null : 1);
  }
});

test('a lease that has ended is given back without any effect', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  await releaseLease(queue.deps, everyone, ref.leaseId);
  const write = vi.fn(queue.deps.sql.write);
  const sql = { ...queue.deps.sql, write };
  await releaseLease({ ...queue.deps, sql }, everyone, ref.leaseId);
  expect(write).not.toHaveBeenCalled();
});

test('the token of another lease gives back nothing', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  await expect(releaseLease(queue.deps, { leaseId: 'another' }, ref.leaseId)).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(await readJob(queue.deps, ref.jobId, anyOrg)).toMatchObject({ status: 'scheduled' });
});
