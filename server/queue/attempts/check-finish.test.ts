import { expect, test } from 'vitest';
import { error, passed, running, scheduled } from '../../../test/support/lifecycle/job-setups.ts';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { rescueExpired } from '../leases/rescue-leases.ts';
import { readAttempts } from '../store/read-job.ts';
import { finishAttempt } from './finish-attempt.ts';

test('the same verdict again answers the job, another one is a conflict', async () => {
  const queue = await openTestQueue();
  const { finish, ref } = await running(queue);
  const first = await finish(passed);
  expect(first).toMatchObject({ job_id: ref.jobId, status: 'passed' });
  expect(await finish(passed)).toEqual(first);
  const judged = { code: 'conflict', message: 'attempt 1 was already judged: passed' };
  await expect(finish({ verdict: 'failed' })).rejects.toMatchObject(judged);
});

test('the same error of another class is another verdict', async () => {
  const queue = await openTestQueue();
  const { finish } = await running(queue);
  expect((await finish(error('capacity'))).status).toBe('waiting');
  expect((await finish(error('capacity'))).status).toBe('waiting');
  const judged = { code: 'conflict', message: 'attempt 1 was already judged: capacity' };
  await expect(finish(error('timeout'))).rejects.toMatchObject(judged);
});

test('a verdict of another attempt than the running one is none', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const finish = (attempt: number) =>
    finishAttempt(queue.deps, everyone, { ...ref, attempt }, { attempt, duration_ms: 1, ...passed });
  for (const attempt of [0, 2])
    await expect(finish(attempt)).rejects.toMatchObject({
      code: 'conflict',
      message: `attempt ${attempt} is not the running one: the job has had 1`,
    });
});

test('a verdict of a job whose start was lost is that of its next attempt', async () => {
  const queue = await openTestQueue();
  const { ref, finish } = await scheduled(queue);
  const finishNo = (attempt: number) =>
    finishAttempt(queue.deps, everyone, { ...ref, attempt }, { attempt, duration_ms: 1, ...passed });
  await expect(finishNo(0)).rejects.toMatchObject({ code: 'conflict' });
  expect(await finish(passed)).toMatchObject({ status: 'passed', attempt: 1 });
});

test('a job that was cancelled before its start needs no verdict', async () => {
  const queue = await openTestQueue();
  const { cancel, finish, ref } = await scheduled(queue);
  await cancel();
  await expect(finish(passed)).rejects.toMatchObject({
    ...{ code: 'job_cancelled', message: `job ${ref.jobId} was cancelled; skip it` },
  });
});

test('an attempt that the server has ended takes no verdict, not even its own', async () => {
  const queue = await openTestQueue();
  const { finish } = await running(queue);
  queue.advance(60_001);
  await rescueExpired(queue.deps);
  await expect(finish(passed)).rejects.toMatchObject({ code: 'lease_lost' });
  await expect(finish(error('lost' as 'timeout'))).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a verdict comes from the lease of the attempt alone, about a job that is there', async () => {
  const queue = await openTestQueue();
  const { ref, finish, agent } = await running(queue);
  const report = { attempt: 1, duration_ms: 1, ...passed };
  const by = (leaseId: string, more: object = {}) =>
    finishAttempt(queue.deps, { leaseId }, { ...ref, ...more }, report);
  await expect(by('another')).rejects.toMatchObject({
    code: 'not_found',
    message: `no lease ${ref.leaseId}`,
  });
  await expect(by('unknown', { leaseId: 'unknown' })).rejects.toMatchObject({ message: 'no lease unknown' });
  await expect(by(ref.leaseId, { jobId: 'unknown' })).rejects.toMatchObject({ message: 'no job unknown' });
  await finish(passed);
  await queue.submit({ tests: ['z'] });
  const second = await agent.mustTake();
  await expect(by(second.lease_id, { leaseId: second.lease_id })).rejects.toMatchObject({
    code: 'lease_lost',
  });
  const foreign = await queue.submit({ org_id: 'other' });
  const jobId = foreign.jobs[0]?.job_id ?? '';
  await expect(by(ref.leaseId, { jobId })).rejects.toMatchObject({ message: `no job ${jobId}` });
});

test('the token of a lease that ended a day ago judges nothing', async () => {
  const queue = await openTestQueue();
  const { ref, finish } = await running(queue);
  await finish(passed);
  queue.advance(24 * 3_600_000);
  const report = { attempt: 1, duration_ms: 1, ...passed };
  await expect(finishAttempt(queue.deps, { leaseId: ref.leaseId }, ref, report)).rejects.toMatchObject({
    ...{ code: 'unauthorized', details: { lease_id: ref.leaseId } },
  });
  expect((await finishAttempt(queue.deps, everyone, ref, report)).status).toBe('passed');
});

test('what an attempt tells is kept with it, and what it does not tell is not there', async () => {
  const queue = await openTestQueue();
  const { finish, ref } = await running(queue);
  await finish({ ...passed, installs: 2, serves: 3 });
  const [row] = await queue.deps.sql.read(
    'SELECT tests, provider, only, retried_tests, error_class, error FROM attempts',
  );
  expect(row).toMatchObject({
    ...{ tests: JSON.stringify(passed.tests), provider: null, only: null, retried_tests: null },
    ...{ error_class: null, error: null },
  });
  expect(await queue.deps.sql.read('SELECT installs, serves FROM runs')).toMatchObject([
    { installs: 2, serves: 3 },
  ]);
  const other = await openTestQueue();
  const plain = await running(other);
  await plain.finish({ ...error('timeout'), error: 'too long' });
  expect(await other.deps.sql.read('SELECT error_class, error FROM attempts')).toMatchObject([
    { error_class: 'timeout', error: 'too long' },
  ]);
  expect(await other.deps.sql.read('SELECT installs, serves FROM runs')).toMatchObject([
    { installs: 0, serves: 0 },
  ]);
  expect((await readAttempts(queue.deps, ref.jobId, anyOrg))[0]).toMatchObject({ verdict: 'passed' });
});
