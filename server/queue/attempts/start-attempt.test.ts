import { expect, test, vi } from 'vitest';
import { error, passed, running, scheduled } from '../../../test/support/lifecycle/job-setups.ts';
import { keepingMeter } from '../../../test/support/meter.ts';
import { everyone, openTestQueue } from '../../../test/support/queue.ts';
import { releaseLease } from '../leases/release-lease.ts';
import { rescueExpired } from '../leases/rescue-leases.ts';
import { startAttempt } from './start-attempt.ts';

test('a job starts once, and the same start again answers the same', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  queue.advance(2000);
  const meter = keepingMeter();
  const deps = { ...queue.deps, meter };
  const first = await startAttempt(deps, everyone, ref);
  expect(first).toMatchObject({ job_id: ref.jobId, status: 'running', attempt: 1 });
  queue.advance(1000);
  expect(await startAttempt(deps, everyone, ref)).toEqual(first);
  expect(meter.told).toEqual(['jobWait {"target":"emulator"} 2000']);
  expect(await deps.sql.read('SELECT started_at FROM attempts')).toMatchObject([
    { started_at: queue.deps.now() - 1000 },
  ]);
});

test('the wait of a hunt, and of a second attempt, is none', async () => {
  const queue = await openTestQueue();
  const { ref, agent, finish } = await scheduled(queue);
  await queue.deps.sql.write([{ sql: 'UPDATE jobs SET priority = 0', args: [] }]);
  const meter = keepingMeter();
  const deps = { ...queue.deps, meter };
  await startAttempt(deps, everyone, ref);
  await finish(error('interrupted'));
  await queue.deps.sql.write([{ sql: 'UPDATE jobs SET priority = 5', args: [] }]);
  const lease = await agent.mustTake();
  await startAttempt(deps, everyone, { leaseId: lease.lease_id, jobId: ref.jobId, attempt: 2 });
  expect(meter.told).toEqual([]);
});

test('an attempt that is not the next one is none', async () => {
  const queue = await openTestQueue();
  const { ref, start } = await scheduled(queue);
  const other = (attempt: number) => startAttempt(queue.deps, everyone, { ...ref, attempt });
  const conflict = (attempt: number, had: number) => ({
    code: 'conflict',
    message: `attempt ${attempt} is not the next: the job has had ${had}`,
  });
  await expect(other(2)).rejects.toMatchObject(conflict(2, 0));
  await expect(other(0)).rejects.toMatchObject(conflict(0, 0));
  await start();
  await expect(other(2)).rejects.toMatchObject(conflict(2, 1));
});

test('of the starts of one turn each has its own answer', async () => {
  const queue = await openTestQueue();
  const { ref, lease } = await scheduled(queue, { tests: ['a', 'b'] });
  const b = lease.jobs[1]?.job_id ?? '';
  const results = await Promise.allSettled([
    startAttempt(queue.deps, { leaseId: 'another' }, { ...ref, jobId: b }),
    startAttempt(queue.deps, everyone, { ...ref, jobId: 'unknown' }),
    startAttempt(queue.deps, everyone, { ...ref, jobId: b }),
  ]);
  expect(results).toMatchObject([
    { status: 'rejected', reason: { code: 'not_found', message: `no lease ${ref.leaseId}` } },
    { status: 'rejected', reason: { code: 'not_found', message: 'no job unknown' } },
    { status: 'fulfilled', value: { job_id: b, status: 'running' } },
  ]);
  expect(await queue.deps.sql.read('SELECT job_id FROM attempts')).toMatchObject([{ job_id: b }]);
});

test('a start that nobody may make writes nothing', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue);
  const write = vi.fn(queue.deps.sql.write);
  const sql = { ...queue.deps.sql, write };
  const foreign = startAttempt({ ...queue.deps, sql }, { leaseId: 'another' }, ref);
  await expect(foreign).rejects.toMatchObject({ code: 'not_found' });
  expect(write).not.toHaveBeenCalled();
});

test('a job that was cancelled before its start is skipped, and its lease goes on', async () => {
  const queue = await openTestQueue();
  const { start, cancel, ref } = await scheduled(queue);
  await cancel();
  await expect(start()).rejects.toMatchObject({
    ...{ code: 'job_cancelled', message: `job ${ref.jobId} was cancelled; skip it` },
  });
});

test('a job that has left its lease is lost to it', async () => {
  const queue = await openTestQueue();
  const { start, ref } = await scheduled(queue);
  await releaseLease(queue.deps, everyone, ref.leaseId);
  await expect(start()).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a late start of an attempt that was judged answers the job; one that the server ended is lost', async () => {
  const queue = await openTestQueue();
  const judged = await running(queue);
  await judged.finish(passed);
  expect(await judged.start()).toMatchObject({ job_id: judged.ref.jobId, status: 'passed' });

  const silent = await openTestQueue();
  const lost = await running(silent);
  silent.advance(60_001);
  await rescueExpired(silent.deps);
  await expect(lost.start()).rejects.toMatchObject({ code: 'lease_lost' });
});

test('another attempt of a judged job, or one of another lease, is lost', async () => {
  const queue = await openTestQueue();
  const { ref, finish, agent } = await running(queue);
  await finish(passed);
  const start = (more: Partial<typeof ref>) => startAttempt(queue.deps, everyone, { ...ref, ...more });
  await expect(start({ attempt: 2 })).rejects.toMatchObject({ code: 'lease_lost' });
  await queue.submit({ tests: ['z'] });
  const { lease_id: leaseId } = await agent.mustTake();
  await expect(start({ leaseId })).rejects.toMatchObject({ code: 'lease_lost' });
});
