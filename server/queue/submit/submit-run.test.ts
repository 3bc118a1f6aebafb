import { expect, test } from 'vitest';
import { anyOrg, openTestQueue } from '../../../test/support/queue.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { listJobs } from '../runs/list-runs.ts';
import { retryJob, retryRun } from '../runs/retry-runs.ts';

test('a submit makes one job per test and target, all queued, with the defaults of the contract', async () => {
  const queue = await openTestQueue();
  const { run, jobs } = await queue.submit({ tests: ['a', 'b'], targets: ['emulator', 'device'] });
  expect(run).toMatchObject({
    status: 'queued',
    conclusion: null,
    counts: { queued: 4, running: 0 },
  });
  expect(jobs.map((job) => `${job.test_path} ${job.target}`)).toEqual([
    'a emulator',
    'b emulator',
    'a device',
    'b device',
  ]);
  expect(jobs[0]).toMatchObject({ priority: 5, max_retries: 3, retry_failed_tests: 1, attempt: 0 });
});

test.each([
  [{}, 3, 1],
  [{ max_retries: 0 }, 0, 0],
  [{ max_retries: 5 }, 5, 5],
  [{ max_retries: 5, retry_failed_tests: 2 }, 5, 2],
])('retries of %j are %i for infrastructure and %i for failed tests', async (body, retries, failedTests) => {
  const queue = await openTestQueue();
  const { jobs } = await queue.submit(body);
  expect(jobs[0]).toMatchObject({ max_retries: retries, retry_failed_tests: failedTests });
});

test('the same key and body again answers the same run, another body is a conflict', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit({ tests: ['a', 'b'] }, 'key-1');
  const again = await queue.submit({ tests: ['a', 'b'] }, 'key-1');
  expect(again).toEqual({ ...first, replayed: true });
  await expect(queue.submit({ tests: ['a'] }, 'key-1')).rejects.toMatchObject({ code: 'conflict' });
  expect((await listJobs(queue.deps, {}, anyOrg)).jobs).toHaveLength(2);
});

test('two submits with one key at once make one run', async () => {
  const queue = await openTestQueue();
  const answers = await Promise.all([1, 2, 3].map(() => queue.submit({ tests: ['a', 'b'] }, 'same')));
  expect(new Set(answers.map(({ run }) => run.run_id)).size).toBe(1);
  expect((await listJobs(queue.deps, {}, anyOrg)).jobs).toHaveLength(2);
});

test('a key belongs to its org', async () => {
  const queue = await openTestQueue();
  const a = await queue.submit({ org_id: 'a' }, 'same');
  const b = await queue.submit({ org_id: 'b' }, 'same');
  expect(a.run.run_id).not.toBe(b.run.run_id);
});

test('ten thousand jobs are one submit, one more is refused', async () => {
  const queue = await openTestQueue();
  const tests = Array.from({ length: 5000 }, (_, n) => `t${n}`);
  const { run } = await queue.submit({ tests, targets: ['emulator', 'device'] });
  expect(run.counts.queued).toBe(10_000);
  const tooMany = queue.submit({ tests, targets: ['emulator', 'device', 'browserstack'] });
  await expect(tooMany).rejects.toThrow('15000 jobs are too many: a run has at most 10000');
});

test('a delayed run waits, and is queued when its time has come', async () => {
  const queue = await openTestQueue();
  const { run, jobs } = await queue.submit({ delay_ms: 60_000 });
  expect(run.counts).toMatchObject({ waiting: 1, queued: 0 });
  expect(jobs[0]).toMatchObject({ status: 'waiting', wait_reason: 'delay' });
  const agent = await queue.agent('rack', ['emulator']);
  expect(await agent.take()).toBeUndefined();
});

test('a key that was used for a submit, or for another retry, is a conflict', async () => {
  const queue = await openTestQueue();
  const { run, jobs } = await queue.submit({ targets: ['emulator', 'device'] }, 'key');
  await cancelRun(queue.deps, run.run_id, anyOrg);
  const conflict = { code: 'conflict' };
  await expect(retryRun(queue.deps, { id: run.run_id, idempotencyKey: 'key' }, anyOrg)).rejects.toMatchObject(
    conflict,
  );
  const retryOne = (index: number) =>
    retryJob(queue.deps, { id: jobs[index]?.job_id ?? '', idempotencyKey: 'one' }, anyOrg);
  const first = await retryOne(0);
  expect(await retryOne(0)).toMatchObject({ replayed: true, run: { run_id: first.run.run_id } });
  await expect(retryOne(1)).rejects.toMatchObject(conflict);
});
