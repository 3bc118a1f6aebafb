import { expect, test } from 'vitest';
import { borrowsOf } from '../../../test/support/borrowing.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { cancelRun } from './cancel-runs.ts';
import { explainJob } from './explain-job.ts';

const why = (queue: TestQueue, id: string | undefined) => explainJob(queue.deps, id ?? '', anyOrg);
const reasons = async (queue: TestQueue, id: string | undefined) =>
  (await why(queue, id)).blocked_by.map((block) => block.reason);
const set = (queue: TestQueue, sql: string) => queue.deps.sql.write([{ sql }]);

test('a job knows its place behind what ranks before it', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['emulator']);
  const first = await queue.submit({ app_version_id: 'v1', tests: ['a', 'b'] });
  const second = await queue.submit({ org_id: 'other', app_version_id: 'v2', tests: ['a', 'b', 'c'] });
  expect(await why(queue, first.jobs[0]?.job_id)).toMatchObject({
    position: 1,
    blocked_by: [],
    starts_in_ms: 30_000,
  });
  expect(await why(queue, second.jobs[0]?.job_id)).toMatchObject({ position: 3, starts_in_ms: 50_000 });
});

test('what of its own batch runs before a job counts, on as many devices as would share it', async () => {
  const queue = await openTestQueue();
  await queue.agent(
    'rack',
    Array.from({ length: 20 }, () => 'emulator'),
  );
  const lastOf = async (app: string, n: number) => {
    const tests = Array.from({ length: n }, (_, index) => `t${index}`);
    const { run, jobs } = await queue.submit({ app_version_id: app, tests });
    const answer = await why(queue, jobs.at(-1)?.job_id);
    await cancelRun(queue.deps, run.run_id, anyOrg);
    return answer;
  };
  // A test takes 10 s and an install 30 s: a small batch stays on one device, a large one spreads over all.
  expect(await lastOf('small', 6)).toMatchObject({ position: 6, starts_in_ms: 30_000 + 5 * 10_000 });
  expect(await lastOf('large', 401)).toMatchObject({ position: 401, starts_in_ms: 30_000 + 400 * 500 });
});

test('it says who has to do something: no device, a paused device, a paused org, also on one target, a cap', async () => {
  const queue = await openTestQueue();
  const { jobs } = await queue.submit({ tests: ['a'] });
  const id = jobs[0]?.job_id;
  expect(await why(queue, id)).toMatchObject({
    blocked_by: [
      {
        reason: 'no_device',
        message: 'no device has offered emulator yet; it ends at 2026-01-01T00:15:00.000Z unless one does',
        until: null,
      },
    ],
    starts_in_ms: null,
  });
  await queue.agent('rack', ['emulator']);
  expect(await reasons(queue, id)).toEqual([]);
  await set(queue, 'UPDATE devices SET benched_until = 9e15');
  expect(await why(queue, id)).toMatchObject({
    blocked_by: [{ message: 'every device for emulator is paused, benched or draining' }],
  });
  await set(queue, 'UPDATE devices SET benched_until = NULL, paused_at = 1');
  expect(await reasons(queue, id)).toEqual(['devices_paused']);
  await set(queue, 'UPDATE devices SET paused_at = NULL');
  await set(queue, `UPDATE orgs SET paused_at = 1, max_leases = 0, paused_targets = '["emulator"]'`);
  expect(await reasons(queue, id)).toEqual(['org_paused', 'target_paused', 'org_cap']);
});

test('it says what passes with time: a delay, a backoff, a device that it avoids', async () => {
  const queue = await openTestQueue();
  const delayed = await queue.submit({ tests: ['late'], delay_ms: 60_000 });
  expect(await why(queue, delayed.jobs[0]?.job_id)).toMatchObject({
    status: 'waiting',
    position: null,
    blocked_by: [{ reason: 'delay', until: '2026-01-01T00:01:00.000Z' }],
  });
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  const { jobs } = await queue.submit({ app_version_id: 'v2', tests: ['a', 'b'] });
  const lease = await agent.mustTake();
  const [a, b] = jobs.map((job) => job.job_id);
  const finish = (jobId: string | undefined, report: object) =>
    finishAttempt(
      queue.deps,
      everyone,
      { leaseId: lease.lease_id, jobId: jobId ?? '', attempt: 1 },
      { attempt: 1, verdict: 'failed', duration_ms: 1, ...report },
    );
  await finish(a, {});
  await finish(b, { verdict: 'error', error_class: 'infra_error' });
  expect(await why(queue, a)).toMatchObject({
    blocked_by: [{ reason: 'avoided_device' }],
    starts_in_ms: 60_000,
  });
  expect(await reasons(queue, b)).toEqual(['backoff']);
});

test('of a job that runs or is final there is nothing to explain, and of another org nothing to see', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { jobs } = await queue.submit({ tests: ['a'] });
  await agent.mustTake();
  expect(await why(queue, jobs[0]?.job_id)).toMatchObject({
    status: 'scheduled',
    position: null,
    blocked_by: [],
  });
  await expect(explainJob(queue.deps, jobs[0]?.job_id ?? '', { orgId: 'other' })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('it says how many devices are borrowed and until when, and by whom to those who may see that', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['emulator', 'emulator']);
  const { jobs } = await queue.submit({ tests: ['a'] });
  queue.advance(1);
  const [id, borrow] = [jobs[0]?.job_id ?? '', borrowsOf(queue)];
  await queue.deps.sql.write([{ sql: 'UPDATE batches SET submitted_at = 9e15' }]);
  await borrow({ target: 'emulator', minutes: 30 });
  const half = { blocked_by: [], notes: ['1 of 2 devices are borrowed by a token until 00:30 UTC'] };
  expect(await why(queue, id)).toMatchObject(half);
  await queue.deps.sql.write([{ sql: `INSERT INTO orgs (id, created_at) VALUES ('rival', 0)` }]);
  await borrowsOf(queue, 'rival')({ target: 'emulator', minutes: 60 });
  const [all] = (await explainJob(queue.deps, id, { orgId: 'acme' })).blocked_by;
  expect(all).toMatchObject({
    reason: 'devices_borrowed',
    message: '2 of 2 devices are borrowed by a token, the first until 00:30 UTC',
    until: '2026-01-01T00:30:00.001Z',
  });
  await queue.deps.sql.write([{ sql: `UPDATE borrows SET org_id = 'rival'` }]);
  const [hidden] = (await explainJob(queue.deps, id, { orgId: 'acme' })).blocked_by;
  expect(hidden?.message).toBe('2 of 2 devices are borrowed, the first until 00:30 UTC');
});
