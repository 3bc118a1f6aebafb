import { expect, test } from 'vitest';
import { borrowing } from '../../../test/support/borrowing.ts';
import { anyOrg } from '../../../test/support/queue.ts';
import { listBorrows } from './read-borrows.ts';

const heldBy = async (queue: Parameters<typeof listBorrows>[0], runId: string) =>
  (await listBorrows(queue, { run_id: runId }, anyOrg)).rows;

test('after a job that failed for good its device stays as it is, in the commit of the verdict; the others go on', async () => {
  const { queue, agent, finish } = await borrowing(2);
  const body = { tests: ['a', 'b', 'c'], hold_minutes: 10, retry_failed_tests: 0 };
  const { run } = await queue.submit(body);
  const lease = await agent.mustTake(0);
  expect(lease.jobs).toHaveLength(1);
  await finish(lease, 'failed');
  expect(await heldBy(queue.deps, run.run_id)).toMatchObject([
    {
      status: 'active',
      device: { name: 'd0' },
      job_id: lease.jobs[0]?.job_id,
      note: `held after ${lease.jobs[0]?.test_path} failed`,
      borrowed_until: '2026-01-01T00:10:00.000Z',
    },
  ]);
  expect(await agent.take(0)).toBeUndefined();
  // One device of a run at a time.
  const second = await agent.mustTake(1);
  await finish(second, 'failed');
  expect(await heldBy(queue.deps, run.run_id)).toHaveLength(1);
  expect(await agent.take(1)).toMatchObject({ jobs: [{}] });
});

test('a pass, a retry and a run without the wish hold nothing', async () => {
  const { queue, agent, finish } = await borrowing(2);
  const kept = await queue.submit({ tests: ['a'], hold_minutes: 10, retry_failed_tests: 1 });
  await finish(await agent.mustTake(0), 'failed');
  expect(await heldBy(queue.deps, kept.run.run_id)).toEqual([]);
  await finish(await agent.mustTake(1));
  expect(await heldBy(queue.deps, kept.run.run_id)).toEqual([]);
  const plain = await queue.submit({ tests: ['a'], retry_failed_tests: 0 });
  await finish((await agent.take(0)) ?? (await agent.mustTake(1)), 'failed');
  expect(await heldBy(queue.deps, plain.run.run_id)).toEqual([]);
});
