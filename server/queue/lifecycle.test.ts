import { expect, test } from 'vitest';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../test/support/queue.ts';
import { checkUpload } from './attempts/check-upload.ts';
import { finishAttempt } from './attempts/finish-attempt.ts';
import { startAttempt } from './attempts/start-attempt.ts';
import { rescueExpired, rescueOverdue } from './leases/rescue-leases.ts';
import { listDeadLetters } from './runs/dead-letters.ts';
import { readRun } from './runs/read-run.ts';
import { retryJob, retryRun } from './runs/retry-runs.ts';
import { readAttempts, readJob } from './store/read-job.ts';

const github = {
  repository: 'acme/app',
  repository_id: '77',
  pr_number: 12,
  ref: 'refs/pull/12/merge',
  event_name: 'pull_request',
  workflow: 'tests',
  job: 'e2e',
  check_name: 'qgjob (emulator)',
  run_attempt: 1,
};
const commit = (letter: string) => letter.repeat(40);

const submitFrom = (queue: TestQueue, runId: string, sha: string, more: object = {}) =>
  queue.submit({
    tests: ['a', 'b'],
    supersede: true,
    github: { ...github, run_id: runId, sha: commit(sha), ...more },
  });

const verdict = (queue: TestQueue, leaseId: string, jobId: string, report: object, attempt = 1) =>
  finishAttempt(
    queue.deps,
    everyone,
    { leaseId, jobId, attempt },
    { attempt, duration_ms: 1, verdict: 'passed', ...report },
  );

test('a newer commit of a pull request supersedes the older run, whose end is neutral', async () => {
  const queue = await openTestQueue();
  const older = await submitFrom(queue, '100', 'a');
  const newer = await submitFrom(queue, '101', 'b');
  expect(await readRun(queue.deps, older.run.run_id, 0, anyOrg)).toMatchObject({
    status: 'cancelled',
    reason: 'superseded',
    conclusion: 'neutral',
  });
  const read = await readRun(queue.deps, newer.run.run_id, 0, anyOrg);
  expect(read.counts.queued).toBe(2);
  expect(read.rev).toBe(newer.run.rev);
  expect(read.jobs.map((job) => job.rev)).toEqual(newer.jobs.map((job) => job.rev));
});

test.each([
  ['another matrix leg', '101', 'b', { leg: 'ios' }],
  ['another pull request', '101', 'b', { pr_number: 13 }],
  ['the same commit', '101', 'a', {}],
  ['an older workflow run', '99', 'b', {}],
])('%s supersedes nothing', async (_what, runId, sha, more) => {
  const queue = await openTestQueue();
  const first = await submitFrom(queue, '100', 'a');
  await submitFrom(queue, runId, sha, more);
  expect((await readRun(queue.deps, first.run.run_id, 0, anyOrg)).counts).toMatchObject({ queued: 2 });
});

test('a test that runs superseded is flagged, and its agent ends it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const older = await submitFrom(queue, '100', 'a');
  const lease = await agent.mustTake();
  const jobId = lease.jobs[0]?.job_id ?? '';
  await startAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 });
  await submitFrom(queue, '101', 'b');
  expect((await readRun(queue.deps, older.run.run_id, 0, anyOrg)).counts).toMatchObject({
    running: 1,
    cancelled: 1,
  });
  await verdict(queue, lease.lease_id, jobId, { verdict: 'cancelled' });
  expect(await readRun(queue.deps, older.run.run_id, 0, anyOrg)).toMatchObject({ conclusion: 'neutral' });
});

test('a test that runs far past its timeout ends as a timeout although its agent sends heartbeats, and the other jobs go back', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['a', 'b'], timeout_ms: 10_000 });
  const lease = await agent.mustTake();
  const [hung, next] = lease.jobs.map((job) => job.job_id) as [string, string];
  const ref = { leaseId: lease.lease_id, jobId: hung, attempt: 1 };
  await startAttempt(queue.deps, everyone, ref);
  queue.advance(70_000);
  expect(await rescueOverdue(queue.deps)).toBe(0);
  queue.advance(1);
  expect(await rescueOverdue(queue.deps)).toBe(1);
  expect(await readJob(queue.deps, hung, anyOrg)).toMatchObject({
    status: 'waiting',
    failures: 1,
    crashes: 0,
  });
  expect(await readJob(queue.deps, next, anyOrg)).toMatchObject({ status: 'queued', attempt: 0 });
  await expect(verdict(queue, ref.leaseId, hung, {})).rejects.toMatchObject({ code: 'lease_lost' });
  // Its logs and artifacts are still accepted, for ten minutes.
  await checkUpload(queue.deps, everyone, ref);
  queue.advance(600_001);
  await expect(checkUpload(queue.deps, everyone, ref)).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a job that loses its agent three times is poison, and its neighbours are not', async () => {
  const queue = await openTestQueue();
  const { run, jobs } = await queue.submit({ tests: ['poison', 'neighbour'] });
  const [poison, neighbour] = jobs.map((job) => job.job_id) as [string, string];
  for (let n = 1; n <= 3; n += 1) {
    const agent = await queue.agent('rack', ['emulator'], { boot: `boot-number-${n}` });
    await queue.deps.sql.write([
      {
        sql: `UPDATE jobs SET status = 'queued', wait_reason = NULL, run_at = NULL, changed_at = 1 WHERE status = 'waiting'`,
      },
    ]);
    const lease = await agent.mustTake();
    await startAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId: poison, attempt: n });
    queue.advance(60_001);
    await rescueExpired(queue.deps);
  }
  expect(await readJob(queue.deps, poison, anyOrg)).toMatchObject({
    status: 'errored',
    outcome: 'poison',
    crashes: 3,
  });
  expect(await readJob(queue.deps, neighbour, anyOrg)).toMatchObject({
    status: 'queued',
    crashes: 0,
    attempt: 0,
  });
  expect((await readAttempts(queue.deps, poison, anyOrg)).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).status).toBe('running');
});

test('dead letters are what ended red, until a retry takes them up', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { run, jobs } = await queue.submit({ tests: ['a', 'b'], retry_failed_tests: 0 });
  const lease = await agent.mustTake();
  const [a, b] = jobs.map((job) => job.job_id) as [string, string];
  await verdict(queue, lease.lease_id, a, { verdict: 'failed' });
  await verdict(queue, lease.lease_id, b, { verdict: 'error', error_class: 'rejected' });
  const dead = async () =>
    (await listDeadLetters(queue.deps, {}, { orgId: 'acme' })).jobs.map((job) => job.job_id);
  expect(await dead()).toEqual([b, a]);
  expect((await listDeadLetters(queue.deps, {}, { orgId: 'other' })).jobs).toEqual([]);
  const again = await retryJob(queue.deps, { id: a }, anyOrg);
  expect(again.run).toMatchObject({ retry_of: run.run_id, counts: { queued: 1 } });
  expect(await dead()).toEqual([b]);
  expect((await retryRun(queue.deps, { id: run.run_id, only: 'failed' }, anyOrg)).jobs).toHaveLength(2);
  expect(await dead()).toEqual([]);
});

test('an install_failed verdict counts for the group like a failed install, and a second device ends it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator', 'emulator']);
  const { run } = await queue.submit({ tests: Array.from({ length: 12 }, (_, n) => `t${n}`) });
  const [first, second] = [await agent.mustTake(0), await agent.mustTake(1)];
  const broken = { verdict: 'error', error_class: 'install_failed' };
  await verdict(queue, first.lease_id, first.jobs[0]?.job_id ?? '', broken);
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).counts).toMatchObject({ waiting: 1, errored: 0 });
  await verdict(queue, second.lease_id, second.jobs[0]?.job_id ?? '', broken);
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({
    status: 'errored',
    counts: { errored: 12 },
  });
});
