import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { queueDue } from '../dispatch/tick.ts';
import { readRun } from './read-run.ts';
import { retryRun } from './retry-runs.ts';

type Report = Partial<FinishJob>;
const failed: Report = { verdict: 'failed' };
const passed: Report = { verdict: 'passed', tests: [{ name: 't', status: 'passed', duration_ms: 1 }] };
const infraError: Report = { verdict: 'error', error_class: 'infra_error' };

/** A run of five jobs, all in one lease. */
async function openRun(body: Partial<SubmitRun>) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { run } = await queue.submit({ tests: ['a', 'b', 'c', 'd', 'e'], retry_failed_tests: 0, ...body });
  const lease = await agent.mustTake();
  const refOf = (index: number, attempt: number) => ({
    ...{ leaseId: lease.lease_id, jobId: lease.jobs[index]?.job_id ?? '', attempt },
  });
  return {
    ...{ queue, agent, run },
    start: (index: number) => startAttempt(queue.deps, everyone, refOf(index, 1)),
    finish: (index: number, report: Report) =>
      finishAttempt(queue.deps, everyone, refOf(index, 1), {
        ...{ attempt: 1, duration_ms: 1, verdict: 'failed', ...report },
      }),
    read: (id = run.run_id) => readRun(queue.deps, id, 0, anyOrg),
  };
}

test('with as many failed jobs as it may have a run starts nothing more, and is never green', async () => {
  const { agent, start, finish, read } = await openRun({ max_failures: 2 });
  await finish(0, failed);
  expect((await read()).counts).toMatchObject({ failed: 1, cancelled: 0 });
  expect(await finish(1, failed)).toMatchObject({ status: 'failed', outcome: 'failed' });
  const after = await read();
  expect(after).toMatchObject({
    ...{ status: 'failed', conclusion: 'failure', reason: 'max_failures' },
    counts: { failed: 2, cancelled: 3, queued: 0, scheduled: 0 },
  });
  const outcomes = after.jobs.filter(({ status }) => status === 'cancelled').map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['max_failures', 'max_failures', 'max_failures']);
  await expect(start(2)).rejects.toMatchObject({ code: 'job_cancelled' });
  expect(await agent.take()).toBeUndefined();
});

test('a run whose last jobs reach the limit has stopped nothing', async () => {
  const { finish, read } = await openRun({ tests: ['a', 'b', 'c'], max_failures: 2 });
  await finish(0, passed);
  for (const index of [1, 2]) await finish(index, failed);
  expect(await read()).toMatchObject({ status: 'failed', reason: null, counts: { passed: 1, failed: 2 } });
});

test('a retry takes up all that did not pass, with the same limit', async () => {
  const { queue, agent, run, finish, read } = await openRun({ max_failures: 1 });
  await finish(0, failed);
  const again = await retryRun(queue.deps, { id: run.run_id, only: 'failed' }, anyOrg);
  expect(again.jobs).toHaveLength(5);
  const { lease_id: leaseId, jobs } = await agent.mustTake();
  const ref = { leaseId, jobId: jobs[0]?.job_id ?? '', attempt: 1 };
  await finishAttempt(queue.deps, everyone, ref, { attempt: 1, duration_ms: 1, verdict: 'failed' });
  expect((await read(again.run.run_id)).counts).toMatchObject({ failed: 1, cancelled: 4 });
});

test('a test that runs at the time goes on to its verdict, and a pass counts', async () => {
  const { start, finish, read } = await openRun({ max_failures: 1 });
  await start(1);
  await finish(0, failed);
  expect(await read()).toMatchObject({ status: 'running', counts: { running: 1, cancelled: 3 } });
  await finish(1, passed);
  expect(await read()).toMatchObject({
    ...{ status: 'failed', reason: 'max_failures' },
    counts: { passed: 1, failed: 1, cancelled: 3 },
  });
});

test.each([
  ['a failure that would be tried again', failed],
  ['an error of the device', infraError],
  ['a drain', { verdict: 'error', error_class: 'interrupted' }],
] as const)('after %s a test that runs at the time is not tried again', async (_what, report) => {
  const { queue, start, finish, read } = await openRun({ max_failures: 1, retry_failed_tests: 1 });
  await start(1);
  await queue.deps.sql.write([{ sql: `UPDATE jobs SET test_failures = 1 WHERE test_path = 'a'` }]);
  await finish(0, failed);
  expect(await finish(1, report)).toMatchObject({ status: 'cancelled', outcome: 'max_failures' });
  expect(await read()).toMatchObject({ status: 'failed', counts: { failed: 1, cancelled: 4 } });
});

test('a job that waits for another try is cancelled too', async () => {
  const { queue, agent, finish, read } = await openRun({ max_failures: 1 });
  await finish(1, infraError);
  await finish(0, failed);
  expect((await read()).counts).toMatchObject({ failed: 1, cancelled: 4, waiting: 0 });
  queue.advance(3_600_000);
  await queueDue(queue.deps);
  expect(await agent.take()).toBeUndefined();
});

test('other runs, and a run without the limit, go on', async () => {
  const { queue, finish, read } = await openRun({});
  const other = await queue.submit({ tests: ['c'], max_failures: 1 });
  await finish(0, failed);
  expect((await read()).counts).toMatchObject({ failed: 1, cancelled: 0 });
  expect((await read(other.run.run_id)).counts).toMatchObject({ cancelled: 0, failed: 0 });
});
